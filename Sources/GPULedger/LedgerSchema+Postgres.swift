// SPDX-License-Identifier: Apache-2.0
import Storage

extension Schema {
    /// The same tables as in SQLite, with the same rules. Text is compared byte by byte (`COLLATE "C"`), as SQLite
    /// does: the order of placements and of keys then depends on no locale, nor do indexes on its version.
    static let version1Postgres = """
        CREATE TABLE reservation (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id TEXT COLLATE "C" NOT NULL UNIQUE,
            deployment TEXT COLLATE "C" NOT NULL,
            user_name TEXT COLLATE "C" NOT NULL,
            server_name TEXT COLLATE "C" NOT NULL,
            start TEXT COLLATE "C" NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('held', 'bound', 'released', 'expired')),
            revision BIGINT NOT NULL CHECK (revision >= 1),
            pool TEXT COLLATE "C",
            amount TEXT CHECK (amount IN ('cards', 'mig-instances', 'share')),
            device_count BIGINT,
            request_mib BIGINT,
            limit_mib BIGINT,
            walltime_ms BIGINT,
            created_at_unix_ms BIGINT NOT NULL,
            held_until_unix_ms BIGINT NOT NULL,
            ends_by_unix_ms BIGINT,
            terms TEXT NOT NULL,
            UNIQUE (deployment, user_name, server_name, start),
            CHECK ((pool IS NULL) = (amount IS NULL)),
            CHECK (amount IS NULL OR (amount = 'share') = (device_count IS NULL)),
            CHECK ((request_mib IS NULL) = (limit_mib IS NULL) AND (request_mib IS NOT NULL) = (amount IS NOT DISTINCT
                FROM 'share'))
        );

        CREATE INDEX reservation_live_by_state ON reservation (state, held_until_unix_ms)
            WHERE state IN ('held', 'bound');
        CREATE UNIQUE INDEX reservation_live ON reservation (deployment, user_name, server_name)
            WHERE state IN ('held', 'bound');

        CREATE TABLE placement (
            reservation_id TEXT COLLATE "C" NOT NULL REFERENCES reservation (id),
            node TEXT COLLATE "C" NOT NULL,
            card TEXT COLLATE "C" NOT NULL,
            device TEXT COLLATE "C" NOT NULL,
            mode TEXT NOT NULL CHECK (mode IN ('whole', 'mig', 'shared')),
            units BIGINT NOT NULL CHECK (units >= 1),
            memory_mib BIGINT NOT NULL CHECK (memory_mib >= 1),
            limit_mib BIGINT NOT NULL CHECK (limit_mib >= memory_mib),
            PRIMARY KEY (reservation_id, device)
        );

        CREATE TABLE ledger_entry (
            sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            reservation_id TEXT COLLATE "C" NOT NULL REFERENCES reservation (id),
            from_state TEXT CHECK (from_state IN ('held', 'bound')),
            to_state TEXT NOT NULL CHECK (to_state IN ('held', 'bound', 'released', 'expired')),
            cause TEXT NOT NULL,
            at_unix_ms BIGINT NOT NULL,
            revision BIGINT NOT NULL,
            UNIQUE (reservation_id, revision),
            CHECK ((from_state IS NULL) = (revision = 1))
        );

        CREATE TABLE ledger_check (one BIGINT PRIMARY KEY CHECK (one = 1), checks BIGINT NOT NULL);
        INSERT INTO ledger_check (one, checks) VALUES (1, 0);

        -- For triggers that forbid: its argument says what.
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_ARGV[0]; END $$;

        CREATE TRIGGER ledger_entry_is_never_changed BEFORE UPDATE ON ledger_entry
            FOR EACH ROW EXECUTE FUNCTION refuse('a ledger entry is never changed');
        CREATE TRIGGER ledger_entry_is_never_deleted BEFORE DELETE ON ledger_entry
            FOR EACH ROW EXECUTE FUNCTION refuse('a ledger entry is never deleted');
        CREATE TRIGGER reservation_that_ended_stays BEFORE UPDATE ON reservation
            FOR EACH ROW WHEN (OLD.state IN ('released', 'expired'))
            EXECUTE FUNCTION refuse('a reservation that has ended never changes');
        CREATE TRIGGER reservation_revision_grows BEFORE UPDATE ON reservation
            FOR EACH ROW WHEN (NEW.revision <> OLD.revision + 1)
            EXECUTE FUNCTION refuse('a revision grows by one');
        CREATE TRIGGER reservation_keeps_its_request BEFORE UPDATE OF
            number, id, deployment, user_name, server_name, start, pool, amount, device_count, request_mib, limit_mib,
            terms, walltime_ms, created_at_unix_ms, held_until_unix_ms ON reservation
            FOR EACH ROW EXECUTE FUNCTION refuse('what a reservation is for never changes');
        CREATE TRIGGER placement_is_never_changed BEFORE UPDATE ON placement
            FOR EACH ROW EXECUTE FUNCTION refuse('a placement is never changed');
        """
}
