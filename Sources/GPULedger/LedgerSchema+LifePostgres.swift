// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension Schema {
    /// The same as in SQLite; PostgreSQL can change its CHECKs, which bear the names that it gave them.
    static let version2Postgres = """
        DROP TRIGGER reservation_that_ended_stays ON reservation;
        DROP TRIGGER reservation_revision_grows ON reservation;
        DROP TRIGGER reservation_keeps_its_request ON reservation;
        DROP INDEX reservation_live_by_state;
        DROP INDEX reservation_live;
        ALTER TABLE reservation DROP CONSTRAINT reservation_state_check,
            ADD CONSTRAINT reservation_state_check CHECK (state IN ('held', 'bound', 'running', 'overdue', 'releasing',
                'lost', 'released', 'expired', 'cancelled', 'failed')),
            ADD COLUMN stop_wanted_at_unix_ms BIGINT,
            ADD COLUMN is_podless BIGINT NOT NULL DEFAULT 0 CHECK (is_podless IN (0, 1));
        ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_from_state_check,
            DROP CONSTRAINT ledger_entry_to_state_check,
            ADD CONSTRAINT ledger_entry_from_state_check CHECK (from_state IN \(Reservation.State.liveList)),
            ADD CONSTRAINT ledger_entry_to_state_check CHECK (to_state IN ('held', 'bound', 'running', 'overdue',
                'releasing', 'lost', 'released', 'expired', 'cancelled', 'failed')),
            ADD COLUMN evidence TEXT NOT NULL DEFAULT '',
            ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;

        CREATE INDEX reservation_live_by_state ON reservation (state, held_until_unix_ms)
            WHERE state IN \(Reservation.State.liveList);
        CREATE INDEX reservation_live ON reservation (deployment, user_name, server_name)
            WHERE state IN \(Reservation.State.liveList);
        CREATE UNIQUE INDEX reservation_waiting ON reservation (deployment, user_name, server_name)
            WHERE state IN ('held', 'bound');

        CREATE TABLE reservation_pod (
            pod_uid TEXT COLLATE "C" NOT NULL PRIMARY KEY,
            reservation_id TEXT COLLATE "C" NOT NULL REFERENCES reservation (id),
            node TEXT COLLATE "C",
            node_uid TEXT COLLATE "C",
            is_inherited BIGINT NOT NULL DEFAULT 0 CHECK (is_inherited IN (0, 1)),
            end_evidence TEXT
        );
        CREATE INDEX reservation_pod_by_reservation ON reservation_pod (reservation_id);
        CREATE INDEX reservation_pod_alive ON reservation_pod (reservation_id) WHERE end_evidence IS NULL;

        CREATE TABLE foreign_use (
            pod_uid TEXT COLLATE "C" NOT NULL,
            resource TEXT COLLATE "C" NOT NULL,
            namespace TEXT COLLATE "C" NOT NULL,
            pod_name TEXT COLLATE "C" NOT NULL,
            node TEXT COLLATE "C",
            pool TEXT COLLATE "C",
            amount BIGINT NOT NULL CHECK (amount >= 1),
            reason TEXT NOT NULL,
            PRIMARY KEY (pod_uid, resource)
        );
        CREATE TABLE withheld_node (
            node TEXT COLLATE "C" NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            until_unix_ms BIGINT,
            PRIMARY KEY (node, reason)
        );

        CREATE TABLE ledger_epoch (
            one BIGINT PRIMARY KEY CHECK (one = 1), epoch BIGINT NOT NULL, holder TEXT NOT NULL
        );
        INSERT INTO ledger_epoch (one, epoch, holder) VALUES (1, 0, '');
        CREATE TABLE cluster_view (
            one BIGINT PRIMARY KEY CHECK (one = 1),
            epoch BIGINT NOT NULL,
            generation BIGINT NOT NULL,
            observed_at_unix_ms BIGINT,
            wait_until_unix_ms BIGINT
        );
        INSERT INTO cluster_view (one, epoch, generation) VALUES (1, 0, 0);
        CREATE TABLE clock_mark (
            one BIGINT PRIMARY KEY CHECK (one = 1),
            process TEXT NOT NULL,
            steady_ms BIGINT NOT NULL,
            wall_unix_ms BIGINT NOT NULL
        );

        CREATE TRIGGER ledger_epoch_only_grows BEFORE UPDATE ON ledger_epoch
            FOR EACH ROW WHEN (NEW.epoch < OLD.epoch)
            EXECUTE FUNCTION refuse('an epoch only grows');
        CREATE TRIGGER reservation_that_ended_stays BEFORE UPDATE ON reservation
            FOR EACH ROW WHEN (OLD.state IN ('released', 'expired', 'cancelled', 'failed'))
            EXECUTE FUNCTION refuse('a reservation that has ended never changes');
        CREATE TRIGGER reservation_revision_grows BEFORE UPDATE OF state, revision, is_podless ON reservation
            FOR EACH ROW WHEN (NEW.revision <> OLD.revision + 1)
            EXECUTE FUNCTION refuse('a revision grows by one');
        CREATE TRIGGER reservation_keeps_its_request BEFORE UPDATE OF
            number, id, deployment, user_name, server_name, start, pool, amount, device_count, request_mib, limit_mib,
            terms, walltime_ms, created_at_unix_ms ON reservation
            FOR EACH ROW EXECUTE FUNCTION refuse('what a reservation is for never changes');
        """
}
