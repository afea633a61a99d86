// SPDX-License-Identifier: Apache-2.0
import Storage

extension Schema {
    /// Usage, operators' marks on nodes, and what operators have changed.
    static let usageSQLite = """
        -- Who is charged. Few, so that a row of the sums is a few bytes.
        CREATE TABLE usage_account (
            id INTEGER PRIMARY KEY,
            deployment TEXT NOT NULL,
            user_name TEXT NOT NULL,
            payer_group TEXT NOT NULL,
            profile TEXT NOT NULL,
            pool TEXT NOT NULL,
            UNIQUE (user_name, deployment, payer_group, profile, pool)
        ) STRICT;

        -- What each live reservation with a GPU costs; it goes with the reservation's end.
        CREATE TABLE usage_charge (
            reservation_id TEXT PRIMARY KEY REFERENCES reservation (id),
            account_id INTEGER NOT NULL REFERENCES usage_account (id),
            milli_cards INTEGER NOT NULL CHECK (milli_cards >= 0),
            memory_mib INTEGER NOT NULL CHECK (memory_mib >= 0),
            -- By usage_clock; null until it is in use.
            began_elapsed_ms INTEGER
        ) STRICT;

        -- Closed sessions: the key lets none be booked twice.
        CREATE TABLE usage_interval (
            reservation_id TEXT PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES usage_account (id),
            milli_cards INTEGER NOT NULL CHECK (milli_cards >= 0),
            memory_mib INTEGER NOT NULL CHECK (memory_mib >= 0),
            started_at_unix_ms INTEGER NOT NULL,
            ended_at_unix_ms INTEGER NOT NULL,
            CHECK (ended_at_unix_ms >= started_at_unix_ms)
        ) STRICT;
        CREATE INDEX usage_interval_by_end ON usage_interval (ended_at_unix_ms);

        -- Sums of what is long over; day counts from 1970-01-01.
        CREATE TABLE usage_daily (
            day INTEGER NOT NULL,
            account_id INTEGER NOT NULL REFERENCES usage_account (id),
            milli_card_ms INTEGER NOT NULL CHECK (milli_card_ms >= 0),
            mib_ms INTEGER NOT NULL CHECK (mib_ms >= 0),
            PRIMARY KEY (day, account_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE usage_clock (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            at_unix_ms INTEGER NOT NULL,
            elapsed_ms INTEGER NOT NULL CHECK (elapsed_ms >= 0)
        ) STRICT;

        -- Nodes on which operators want nothing new.
        CREATE TABLE node_mark (
            node TEXT PRIMARY KEY,
            drained_by TEXT NOT NULL,
            reason TEXT NOT NULL,
            drained_at_unix_ms INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY,
            at_unix_ms INTEGER NOT NULL,
            actor TEXT NOT NULL,
            role TEXT NOT NULL,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            reason TEXT NOT NULL,
            before_change TEXT NOT NULL,
            after_change TEXT NOT NULL,
            request_id TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;
        CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'an audit entry is never deleted'); END;
        """
}
