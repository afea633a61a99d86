// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension Schema {
    /// The states that follow a pod's life, the pods of each reservation, and what the cluster shows beside them.
    ///
    /// SQLite cannot change a CHECK, so three tables are made anew and their rows moved.
    static let version2SQLite = """
        DROP TRIGGER ledger_entry_is_never_changed;
        DROP TRIGGER ledger_entry_is_never_deleted;
        DROP TRIGGER reservation_that_ended_stays;
        DROP TRIGGER reservation_revision_grows;
        DROP TRIGGER reservation_keeps_its_request;
        DROP TRIGGER placement_is_never_changed;
        DROP INDEX reservation_live_by_state;
        DROP INDEX reservation_live;
        ALTER TABLE reservation RENAME TO reservation_1;
        ALTER TABLE placement RENAME TO placement_1;
        ALTER TABLE ledger_entry RENAME TO ledger_entry_1;

        CREATE TABLE reservation (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            deployment TEXT NOT NULL,
            user_name TEXT NOT NULL,
            server_name TEXT NOT NULL,
            start TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('held', 'bound', 'running', 'overdue', 'releasing', 'lost',
                'released', 'expired', 'cancelled', 'failed')),
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
            -- When the hub said that it has stopped, or a later start took its place, before the cluster shows it.
            stop_wanted_at_unix_ms INTEGER,
            -- 1 where the hub runs the server itself: then its word is the only evidence.
            is_podless INTEGER NOT NULL DEFAULT 0 CHECK (is_podless IN (0, 1)),
            -- Last, since it is long and decisions do not read it.
            terms TEXT NOT NULL,
            UNIQUE (deployment, user_name, server_name, start),
            CHECK ((pool IS NULL) = (amount IS NULL)),
            CHECK (amount IS NULL OR (amount = 'share') = (device_count IS NULL)),
            CHECK ((request_mib IS NULL) = (limit_mib IS NULL) AND (request_mib IS NOT NULL) = (amount IS 'share'))
        ) STRICT;
        INSERT INTO reservation (number, id, deployment, user_name, server_name, start, state, revision, pool, amount,
                device_count, request_mib, limit_mib, walltime_ms, created_at_unix_ms, held_until_unix_ms,
                ends_by_unix_ms, terms)
            SELECT number, id, deployment, user_name, server_name, start, state, revision, pool, amount,
                device_count, request_mib, limit_mib, walltime_ms, created_at_unix_ms, held_until_unix_ms,
                ends_by_unix_ms, terms FROM reservation_1;

        -- How live ones are found, without a look at what has ended.
        CREATE INDEX reservation_live_by_state ON reservation (state, held_until_unix_ms)
            WHERE state IN \(Reservation.State.liveList);
        CREATE INDEX reservation_live ON reservation (deployment, user_name, server_name)
            WHERE state IN \(Reservation.State.liveList);

        -- At most one reservation of a server waits for its pod.
        CREATE UNIQUE INDEX reservation_waiting ON reservation (deployment, user_name, server_name)
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
        INSERT INTO placement (reservation_id, node, card, device, mode, units, memory_mib, limit_mib)
            SELECT reservation_id, node, card, device, mode, units, memory_mib, limit_mib FROM placement_1;

        CREATE TABLE ledger_entry (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            reservation_id TEXT NOT NULL REFERENCES reservation (id),
            from_state TEXT CHECK (from_state IN \(Reservation.State.liveList)),
            to_state TEXT NOT NULL CHECK (to_state IN ('held', 'bound', 'running', 'overdue', 'releasing', 'lost',
                'released', 'expired', 'cancelled', 'failed')),
            cause TEXT NOT NULL,
            -- What was seen that speaks for it, in words; empty where somebody's word was enough.
            evidence TEXT NOT NULL DEFAULT '',
            -- The writer's, 0 where none was taken.
            epoch INTEGER NOT NULL DEFAULT 0,
            at_unix_ms INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            UNIQUE (reservation_id, revision),
            CHECK ((from_state IS NULL) = (revision = 1))
        ) STRICT;
        INSERT INTO ledger_entry (sequence, reservation_id, from_state, to_state, cause, at_unix_ms, revision)
            SELECT sequence, reservation_id, from_state, to_state, cause, at_unix_ms, revision FROM ledger_entry_1;

        DROP TABLE ledger_entry_1;
        DROP TABLE placement_1;
        DROP TABLE reservation_1;

        -- The pods that a reservation has met, in turn; it is charged once for all of them.
        CREATE TABLE reservation_pod (
            pod_uid TEXT NOT NULL PRIMARY KEY,
            reservation_id TEXT NOT NULL REFERENCES reservation (id),
            node TEXT,
            node_uid TEXT,
            -- 1 for the pod of a former start, on the same devices, that has yet to go.
            is_inherited INTEGER NOT NULL DEFAULT 0 CHECK (is_inherited IN (0, 1)),
            -- NULL while it may be alive.
            end_evidence TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX reservation_pod_by_reservation ON reservation_pod (reservation_id);
        CREATE INDEX reservation_pod_alive ON reservation_pod (reservation_id) WHERE end_evidence IS NULL;

        -- Pods with GPUs that no reservation explains.
        CREATE TABLE foreign_use (
            pod_uid TEXT NOT NULL,
            resource TEXT NOT NULL,
            namespace TEXT NOT NULL,
            pod_name TEXT NOT NULL,
            -- NULL while no node has been chosen; the pool then says where it counts.
            node TEXT,
            pool TEXT,
            amount INTEGER NOT NULL CHECK (amount >= 1),
            reason TEXT NOT NULL,
            PRIMARY KEY (pod_uid, resource)
        ) STRICT, WITHOUT ROWID;

        -- Nodes where nothing new is granted.
        CREATE TABLE withheld_node (
            node TEXT NOT NULL,
            reason TEXT NOT NULL,
            until_unix_ms INTEGER,
            PRIMARY KEY (node, reason)
        ) STRICT, WITHOUT ROWID;

        -- Who may write what the cluster shows: a writer with an older epoch is refused.
        CREATE TABLE ledger_epoch (
            one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, holder TEXT NOT NULL
        ) STRICT;
        INSERT INTO ledger_epoch (one, epoch, holder) VALUES (1, 0, '');
        CREATE TRIGGER ledger_epoch_only_grows BEFORE UPDATE ON ledger_epoch
            WHEN NEW.epoch < OLD.epoch
            BEGIN SELECT RAISE(ABORT, 'an epoch only grows'); END;

        -- The newest snapshot that was taken in; 0 before the first.
        CREATE TABLE cluster_view (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            epoch INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            -- Of the newest complete one; NULL before the first.
            observed_at_unix_ms INTEGER,
            -- Nothing is granted before, because pods may be on their way that the ledger does not know of.
            wait_until_unix_ms INTEGER
        ) STRICT;
        INSERT INTO cluster_view (one, epoch, generation) VALUES (1, 0, 0);

        -- One reading of both clocks, by which a jump of the wall clock is known.
        CREATE TABLE clock_mark (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            process TEXT NOT NULL,
            steady_ms INTEGER NOT NULL,
            wall_unix_ms INTEGER NOT NULL
        ) STRICT;

        CREATE TRIGGER ledger_entry_is_never_changed BEFORE UPDATE ON ledger_entry
            BEGIN SELECT RAISE(ABORT, 'a ledger entry is never changed'); END;
        CREATE TRIGGER ledger_entry_is_never_deleted BEFORE DELETE ON ledger_entry
            BEGIN SELECT RAISE(ABORT, 'a ledger entry is never deleted'); END;
        CREATE TRIGGER reservation_that_ended_stays BEFORE UPDATE ON reservation
            WHEN OLD.state IN ('released', 'expired', 'cancelled', 'failed')
            BEGIN SELECT RAISE(ABORT, 'a reservation that has ended never changes'); END;
        CREATE TRIGGER reservation_revision_grows BEFORE UPDATE OF state, revision, is_podless ON reservation
            WHEN NEW.revision <> OLD.revision + 1
            BEGIN SELECT RAISE(ABORT, 'a revision grows by one'); END;
        CREATE TRIGGER reservation_keeps_its_request BEFORE UPDATE OF
            number, id, deployment, user_name, server_name, start, pool, amount, device_count, request_mib, limit_mib,
            terms, walltime_ms, created_at_unix_ms ON reservation
            BEGIN SELECT RAISE(ABORT, 'what a reservation is for never changes'); END;
        CREATE TRIGGER placement_is_never_changed BEFORE UPDATE ON placement
            BEGIN SELECT RAISE(ABORT, 'a placement is never changed'); END;
        """
}
