// SPDX-License-Identifier: Apache-2.0
import CPostgres

/// Which PostgreSQL database, and how long each thing may take.
package struct PostgresTerms: Sendable, Hashable {
    /// In libpq's words: `host=db1,db2 dbname=berth user=berth sslmode=verify-full`. Holds no password.
    package let connection: String
    /// Read for each new connection, so that a changed password counts from then on; nil sends none.
    package let passwordFile: String?
    /// For each host of the list; libpq waits 2 s at least.
    package var connectWait = Duration.seconds(3)
    /// How long one statement may take.
    package var statementWait = Duration.seconds(10)
    /// How long a transaction waits for another replica's before it gives up as busy.
    package var lockWait = Duration.seconds(5)

    package init(connection: String, passwordFile: String? = nil) {
        self.connection = connection
        self.passwordFile = passwordFile
    }

    /// What an operator would look for: `PostgreSQL database berth on db1,db2`.
    var name: String {
        let options = Self.options(in: connection) ?? [:]
        let place = options["host"] ?? options["hostaddr"] ?? "the default host"
        return "PostgreSQL database \(options["dbname"] ?? "of the default name") on \(place)"
    }
}

extension PostgresTerms {
    /// What is wrong with a connection string, without a word of it that may be secret; nil when it is one.
    package static func fault(in connection: String) -> String? {
        if connection.contains("password") || connection.contains(/:\/\/[^\/@]*:[^\/]*@/) {
            return "holds a password, which would be seen by whoever may read the configuration"
        }
        guard let options = options(in: connection) else { return "is no connection string of PostgreSQL" }
        return options["dbname"] == nil ? "names no database" : nil
    }

    /// Whether somebody on the way could read or play the server: not a socket or this machine, and not verified.
    package static func isOpenToOthers(_ connection: String) -> Bool {
        let options = options(in: connection) ?? [:]
        let hosts = (options["host"] ?? options["hostaddr"] ?? "").split(separator: ",")
        let isLocal = hosts.allSatisfy { $0.hasPrefix("/") || ["localhost", "127.0.0.1", "::1"].contains($0) }
        return !isLocal && options["sslmode"] != "verify-full"
    }

    /// The options that are written; nil when libpq cannot read them.
    private static func options(in connection: String) -> [String: String]? {
        var message: UnsafeMutablePointer<CChar>?
        let parsed = PQconninfoParse(connection, &message)
        PQfreemem(message)
        guard let parsed else { return nil }
        defer { PQconninfoFree(parsed) }
        var options: [String: String] = [:]
        var place = parsed
        while let keyword = place.pointee.keyword {
            if let value = place.pointee.val { options[String(cString: keyword)] = String(cString: value) }
            place += 1
        }
        return options
    }
}
