// SPDX-License-Identifier: Apache-2.0

extension PostgresConnection {
    /// Connects, and makes the tables that the driver itself needs, all in the schema `berth` of the database.
    ///
    /// - Throws: `StorageError.unreachable` when no server answers that takes writes.
    package static func open(_ terms: PostgresTerms) throws(StorageError) -> PostgresConnection {
        let connection = PostgresConnection(terms)
        try connection.connectIfNeeded()
        try connection.makeOwnTables()
        return connection
    }

    /// Opens a session if there is none, unless the last attempt was just now: then the same error again.
    func connectIfNeeded() throws(StorageError) {
        guard link == nil else { return }
        if let refusal = redial.refusal { throw refusal }
        do throws(StorageError) {
            let made = try session()
            redial = Redial()
            link = made
        } catch {
            redial.failed(error)
            throw error
        }
    }

    private func session() throws(StorageError) -> PostgresLink {
        let password = try terms.passwordFile.map { (path) throws(StorageError) in
            try PasswordFile.read(path, for: name)
        }
        do throws(PostgresFault) {
            let link = try PostgresLink(terms, password: password)
            try link.run(settings)
            return link
        } catch {
            throw error.sqlState == nil ? .unreachable(database: name, reason: error.message) : error.error(of: name)
        }
    }

    /// A replica that stands still in a transaction would stop all others: the server ends it. A commit is answered
    /// when it is on the disk, whatever the server's default says.
    private var settings: String {
        """
        SET search_path TO berth;
        SET statement_timeout TO \(Int(terms.statementWait / .milliseconds(1)));
        SET lock_timeout TO \(Int(terms.lockWait / .milliseconds(1)));
        SET idle_in_transaction_session_timeout TO 15000;
        SET client_min_messages TO error;
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
        """
    }

    private func makeOwnTables() throws(StorageError) {
        guard let link else { return }
        guard link.serverVersion >= 120_000 else {
            throw .cannotOpen(database: name, reason: "PostgreSQL 12 or newer is needed")
        }
        let facts = try query("SELECT current_setting('server_encoding'), to_regclass('berth.turn') IS NULL")[0]
        guard try facts.text(0) == "UTF8" else {
            throw .cannotOpen(database: name, reason: "its encoding is \(try facts.text(0)), and has to be UTF8")
        }
        if try facts.integer(1) == 1 { try run(script: Self.ownTables) }
        try execute("DELETE FROM writer WHERE at < now() - interval '30 days'")
    }

    /// The advisory lock (its number is "berth" in ASCII) keeps two replicas that start at once from making both.
    private static let ownTables = """
        BEGIN;
        SELECT pg_advisory_xact_lock(422928770152);
        CREATE SCHEMA IF NOT EXISTS berth;
        -- Whoever writes takes this row first. Counts the transactions that have changed something.
        CREATE TABLE IF NOT EXISTS turn (one BIGINT PRIMARY KEY CHECK (one = 1), turn BIGINT NOT NULL);
        INSERT INTO turn (one, turn) VALUES (1, 0) ON CONFLICT DO NOTHING;
        -- Each connection's last turn: by it a commit is known whose answer was lost.
        CREATE TABLE IF NOT EXISTS writer (
            id TEXT COLLATE "C" PRIMARY KEY, turn BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now());
        COMMIT;
        """
}
