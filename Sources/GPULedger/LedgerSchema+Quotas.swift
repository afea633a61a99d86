// SPDX-License-Identifier: Apache-2.0
import Storage

extension Schema {
    /// What reservations count for, what was used, and who waits.
    ///
    /// `charge` has a row for each reservation with a GPU. `quota_use` and `fair_use` follow the journal up to
    /// `quota_cursor`, in the transactions that ask: use is booked once, at the end of each session.
    static let quotas = Step(sqlite: quotas(text: "TEXT"), postgres: quotas(text: #"TEXT COLLATE "C""#))

    /// In words that both databases take, but for the type of text: it is compared byte by byte.
    private static func quotas(text: String) -> String {
        """
        CREATE TABLE charge (
            reservation_id \(text) NOT NULL PRIMARY KEY REFERENCES reservation (id),
            deployment \(text) NOT NULL,
            user_name \(text) NOT NULL,
            -- Empty where no group pays.
            payer \(text) NOT NULL,
            pool \(text) NOT NULL,
            milli_cards BIGINT NOT NULL CHECK (milli_cards >= 0),
            memory_mib BIGINT NOT NULL CHECK (memory_mib >= 0),
            -- Both null unless it is borrowed; without a walltime asked, 0.
            borrowed_walltime_ms BIGINT,
            asked_walltime_ms BIGINT,
            is_live BIGINT NOT NULL CHECK (is_live IN (0, 1)),
            running_from_unix_ms BIGINT,
            CHECK ((borrowed_walltime_ms IS NULL) = (asked_walltime_ms IS NULL))
        );

        -- Sums over live ones, without a look at what has ended.
        CREATE INDEX charge_live_by_user ON charge (deployment, user_name) WHERE is_live = 1;
        CREATE INDEX charge_live_by_payer ON charge (payer) WHERE is_live = 1;
        CREATE INDEX charge_live_by_pool ON charge (pool) WHERE is_live = 1;

        -- By day in UTC, since periods begin at midnight.
        CREATE TABLE quota_use (
            scope \(text) NOT NULL CHECK (scope IN ('user', 'group', 'deployment', 'pool')),
            deployment \(text) NOT NULL,
            name \(text) NOT NULL,
            day BIGINT NOT NULL,
            milli_card_seconds BIGINT NOT NULL CHECK (milli_card_seconds >= 0),
            PRIMARY KEY (scope, deployment, name, day)
        );
        CREATE INDEX quota_use_by_day ON quota_use (day);

        CREATE TABLE fair_use (
            scope \(text) NOT NULL CHECK (scope IN ('user', 'group')),
            deployment \(text) NOT NULL,
            name \(text) NOT NULL,
            milli_card_seconds BIGINT NOT NULL CHECK (milli_card_seconds >= 0),
            at_unix_ms BIGINT NOT NULL,
            PRIMARY KEY (scope, deployment, name)
        );

        -- The last entry of the journal that is booked.
        CREATE TABLE quota_cursor (one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1), sequence BIGINT NOT NULL);

        CREATE TABLE ticket (
            id \(text) NOT NULL PRIMARY KEY,
            deployment \(text) NOT NULL,
            user_name \(text) NOT NULL,
            server_name \(text) NOT NULL,
            payer \(text) NOT NULL,
            pool \(text) NOT NULL,
            amount \(text) NOT NULL CHECK (amount IN ('cards', 'mig-instances', 'share')),
            device_count BIGINT,
            request_mib BIGINT,
            limit_mib BIGINT,
            milli_cards BIGINT NOT NULL,
            walltime_ms BIGINT,
            priority BIGINT NOT NULL,
            -- In the pool's list, from 1, as it was when somebody last asked.
            position BIGINT NOT NULL,
            created_at_unix_ms BIGINT NOT NULL,
            seen_at_unix_ms BIGINT NOT NULL,
            claim_until_unix_ms BIGINT,
            -- One a server.
            UNIQUE (deployment, user_name, server_name)
        );
        CREATE INDEX ticket_by_pool ON ticket (pool);

        -- What lives already counts as if nobody paid, a share as a whole card; it ends soon.
        INSERT INTO charge (reservation_id, deployment, user_name, payer, pool, milli_cards, memory_mib, is_live,
            running_from_unix_ms)
        SELECT r.id, r.deployment, r.user_name, '', r.pool, 1000 * coalesce(r.device_count, 1),
            (SELECT coalesce(CAST(sum(p.memory_mib) AS BIGINT), 0) FROM placement p WHERE p.reservation_id = r.id), 1,
            (SELECT min(e.at_unix_ms) FROM ledger_entry e WHERE e.reservation_id = r.id AND e.to_state = 'bound')
        FROM reservation r WHERE r.pool IS NOT NULL AND r.state NOT IN ('released', 'expired', 'cancelled', 'failed');

        INSERT INTO quota_cursor (one, sequence) SELECT 1, coalesce(max(sequence), 0) FROM ledger_entry;
        """
    }
}
