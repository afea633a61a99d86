// SPDX-License-Identifier: Apache-2.0
import Storage

extension Schema {
    /// Journal and audit may be shortened from their old end, as far as `retention` says, which only moves on.
    static let retention = Step(sqlite: retentionSQLite, postgres: retentionPostgres)

    private static let retentionSQLite = """
        CREATE TABLE retention (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            -- What is older may go.
            journal_from_unix_ms INTEGER NOT NULL,
            audit_from_unix_ms INTEGER NOT NULL
        ) STRICT;
        INSERT INTO retention (one, journal_from_unix_ms, audit_from_unix_ms) VALUES (1, 0, 0);
        CREATE TRIGGER retention_only_moves_on BEFORE UPDATE ON retention
            WHEN NEW.journal_from_unix_ms < OLD.journal_from_unix_ms OR NEW.audit_from_unix_ms < OLD.audit_from_unix_ms
            BEGIN SELECT RAISE(ABORT, 'what may go does not come back'); END;

        DROP TRIGGER ledger_entry_is_never_deleted;
        CREATE TRIGGER ledger_entry_is_kept BEFORE DELETE ON ledger_entry
            WHEN OLD.at_unix_ms >= (SELECT journal_from_unix_ms FROM retention)
            BEGIN SELECT RAISE(ABORT, 'a ledger entry is kept until it is old'); END;
        DROP TRIGGER audit_is_never_deleted;
        CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
            WHEN OLD.at_unix_ms >= (SELECT audit_from_unix_ms FROM retention)
            BEGIN SELECT RAISE(ABORT, 'an audit entry is kept until it is old'); END;
        """

    private static let retentionPostgres = """
        CREATE TABLE retention (
            one BIGINT PRIMARY KEY CHECK (one = 1),
            journal_from_unix_ms BIGINT NOT NULL,
            audit_from_unix_ms BIGINT NOT NULL
        );
        INSERT INTO retention (one, journal_from_unix_ms, audit_from_unix_ms) VALUES (1, 0, 0);
        CREATE TRIGGER retention_only_moves_on BEFORE UPDATE ON retention
            FOR EACH ROW WHEN (NEW.journal_from_unix_ms < OLD.journal_from_unix_ms
                OR NEW.audit_from_unix_ms < OLD.audit_from_unix_ms)
            EXECUTE FUNCTION refuse('what may go does not come back');

        DROP TRIGGER ledger_entry_is_never_deleted ON ledger_entry;
        CREATE FUNCTION keep_journal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF OLD.at_unix_ms >= (SELECT journal_from_unix_ms FROM retention) THEN
                RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                    MESSAGE = 'a ledger entry is kept until it is old';
            END IF;
            RETURN OLD;
        END $$;
        CREATE TRIGGER ledger_entry_is_kept BEFORE DELETE ON ledger_entry
            FOR EACH ROW EXECUTE FUNCTION keep_journal();
        DROP TRIGGER audit_is_never_deleted ON audit;
        CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF OLD.at_unix_ms >= (SELECT audit_from_unix_ms FROM retention) THEN
                RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                    MESSAGE = 'an audit entry is kept until it is old';
            END IF;
            RETURN OLD;
        END $$;
        CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION keep_audit();
        """
}
