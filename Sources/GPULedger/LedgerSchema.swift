// SPDX-License-Identifier: Apache-2.0
import Storage

extension Schema {
    /// The ledger's tables. Rules that must never give way stand here a second time, as constraints and triggers: a
    /// fault in the code then fails a transaction and does not grant a card twice.
    static let ledger = Schema(
        component: "gpu-ledger",
        steps: [
            .init(sqlite: version1SQLite, postgres: version1Postgres),
            .init(sqlite: version2SQLite, postgres: version2Postgres),
            quotas,
            .init(sqlite: usageSQLite, postgres: usagePostgres),
            oneCharge,
            retention,
            replacing,
            onDemand,
            comparisons,
        ])

    static let version1SQLite = """
        CREATE TABLE reservation (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            deployment TEXT NOT NULL,
            user_name TEXT NOT NULL,
            server_name TEXT NOT NULL,
            start TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('held', 'bound', 'released', 'expired')),
            revision INTEGER NOT NULL CHECK (revision >= 1),
            pool TEXT,
            amount TEXT CHECK (amount IN ('cards', 'mig-instances', 'share')),
            device_count INTEGER,
            request_mib INTEGER,
            limit_mib INTEGER,
            walltime_ms INTEGER,
            created_at_unix_ms INTEGER NOT NULL,
            held_until_unix_ms INTEGER NOT NULL,
            ends_by_unix_ms INTEGER,
            -- Last, since it is long and decisions do not read it.
            terms TEXT NOT NULL,
            UNIQUE (deployment, user_name, server_name, start),
            CHECK ((pool IS NULL) = (amount IS NULL)),
            CHECK (amount IS NULL OR (amount = 'share') = (device_count IS NULL)),
            CHECK ((request_mib IS NULL) = (limit_mib IS NULL) AND (request_mib IS NOT NULL) = (amount IS 'share'))
        ) STRICT;

        -- How live ones are found, without a look at what has ended.
        CREATE INDEX reservation_live_by_state ON reservation (state, held_until_unix_ms)
            WHERE state IN ('held', 'bound');

        -- At most one live reservation per server.
        CREATE UNIQUE INDEX reservation_live ON reservation (deployment, user_name, server_name)
            WHERE state IN ('held', 'bound');

        CREATE TABLE placement (
            reservation_id TEXT NOT NULL REFERENCES reservation (id),
            node TEXT NOT NULL,
            card TEXT NOT NULL,
            device TEXT NOT NULL,
            mode TEXT NOT NULL CHECK (mode IN ('whole', 'mig', 'shared')),
            units INTEGER NOT NULL CHECK (units >= 1),
            memory_mib INTEGER NOT NULL CHECK (memory_mib >= 1),
            limit_mib INTEGER NOT NULL CHECK (limit_mib >= memory_mib),
            PRIMARY KEY (reservation_id, device)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE ledger_entry (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            reservation_id TEXT NOT NULL REFERENCES reservation (id),
            from_state TEXT CHECK (from_state IN ('held', 'bound')),
            to_state TEXT NOT NULL CHECK (to_state IN ('held', 'bound', 'released', 'expired')),
            cause TEXT NOT NULL,
            at_unix_ms INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            UNIQUE (reservation_id, revision),
            CHECK ((from_state IS NULL) = (revision = 1))
        ) STRICT;

        -- Written in earnest by each check of the ledger, so that a full disk is noticed.
        CREATE TABLE ledger_check (one INTEGER PRIMARY KEY CHECK (one = 1), checks INTEGER NOT NULL) STRICT;
        INSERT INTO ledger_check (one, checks) VALUES (1, 0);

        CREATE TRIGGER ledger_entry_is_never_changed BEFORE UPDATE ON ledger_entry
            BEGIN SELECT RAISE(ABORT, 'a ledger entry is never changed'); END;
        CREATE TRIGGER ledger_entry_is_never_deleted BEFORE DELETE ON ledger_entry
            BEGIN SELECT RAISE(ABORT, 'a ledger entry is never deleted'); END;
        CREATE TRIGGER reservation_that_ended_stays BEFORE UPDATE ON reservation
            WHEN OLD.state IN ('released', 'expired')
            BEGIN SELECT RAISE(ABORT, 'a reservation that has ended never changes'); END;
        CREATE TRIGGER reservation_revision_grows BEFORE UPDATE ON reservation
            WHEN NEW.revision <> OLD.revision + 1
            BEGIN SELECT RAISE(ABORT, 'a revision grows by one'); END;
        CREATE TRIGGER reservation_keeps_its_request BEFORE UPDATE OF
            number, id, deployment, user_name, server_name, start, pool, amount, device_count, request_mib, limit_mib,
            terms, walltime_ms, created_at_unix_ms, held_until_unix_ms ON reservation
            BEGIN SELECT RAISE(ABORT, 'what a reservation is for never changes'); END;
        CREATE TRIGGER placement_is_never_changed BEFORE UPDATE ON placement
            BEGIN SELECT RAISE(ABORT, 'a placement is never changed'); END;
        """
}
