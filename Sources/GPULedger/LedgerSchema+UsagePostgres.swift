// SPDX-License-Identifier: Apache-2.0
import Storage

extension Schema {
    /// The same tables as in SQLite, with the same rules.
    static let usagePostgres = """
        CREATE TABLE usage_account (
            id BIGINT PRIMARY KEY,
            deployment TEXT COLLATE "C" NOT NULL,
            user_name TEXT COLLATE "C" NOT NULL,
            payer_group TEXT COLLATE "C" NOT NULL,
            profile TEXT COLLATE "C" NOT NULL,
            pool TEXT COLLATE "C" NOT NULL,
            UNIQUE (user_name, deployment, payer_group, profile, pool)
        );

        CREATE TABLE usage_charge (
            reservation_id TEXT COLLATE "C" PRIMARY KEY REFERENCES reservation (id),
            account_id BIGINT NOT NULL REFERENCES usage_account (id),
            milli_cards BIGINT NOT NULL CHECK (milli_cards >= 0),
            memory_mib BIGINT NOT NULL CHECK (memory_mib >= 0),
            began_elapsed_ms BIGINT
        );

        CREATE TABLE usage_interval (
            reservation_id TEXT COLLATE "C" PRIMARY KEY,
            account_id BIGINT NOT NULL REFERENCES usage_account (id),
            milli_cards BIGINT NOT NULL CHECK (milli_cards >= 0),
            memory_mib BIGINT NOT NULL CHECK (memory_mib >= 0),
            started_at_unix_ms BIGINT NOT NULL,
            ended_at_unix_ms BIGINT NOT NULL,
            CHECK (ended_at_unix_ms >= started_at_unix_ms)
        );
        CREATE INDEX usage_interval_by_end ON usage_interval (ended_at_unix_ms);

        CREATE TABLE usage_daily (
            day BIGINT NOT NULL,
            account_id BIGINT NOT NULL REFERENCES usage_account (id),
            milli_card_ms BIGINT NOT NULL CHECK (milli_card_ms >= 0),
            mib_ms BIGINT NOT NULL CHECK (mib_ms >= 0),
            PRIMARY KEY (day, account_id)
        );

        CREATE TABLE usage_clock (
            one BIGINT PRIMARY KEY CHECK (one = 1),
            at_unix_ms BIGINT NOT NULL,
            elapsed_ms BIGINT NOT NULL CHECK (elapsed_ms >= 0)
        );

        CREATE TABLE node_mark (
            node TEXT COLLATE "C" PRIMARY KEY,
            drained_by TEXT NOT NULL,
            reason TEXT NOT NULL,
            drained_at_unix_ms BIGINT NOT NULL
        );

        CREATE TABLE audit (
            sequence BIGINT PRIMARY KEY,
            at_unix_ms BIGINT NOT NULL,
            actor TEXT NOT NULL,
            role TEXT NOT NULL,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            reason TEXT NOT NULL,
            before_change TEXT NOT NULL,
            after_change TEXT NOT NULL,
            request_id TEXT NOT NULL
        );
        CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
            FOR EACH ROW EXECUTE FUNCTION refuse('an audit entry is never changed');
        CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
            FOR EACH ROW EXECUTE FUNCTION refuse('an audit entry is never deleted');
        """
}
