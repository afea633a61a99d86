// SPDX-License-Identifier: Apache-2.0

/// Why the server, or the way to it, failed a statement.
struct PostgresFault: Error {
    /// Five characters that name the error (PostgreSQL's appendix A); nil when it never reached the server or back.
    let sqlState: String?
    let message: String

    init(sqlState: String?, message: String) {
        self.sqlState = sqlState
        self.message = message
    }

    /// Whether this session is of no more use: it is over, or its server may no longer write (a standby has taken over).
    var endsSession: Bool {
        guard let sqlState else { return true }
        return ["08", "57P"].contains { sqlState.hasPrefix($0) } || ["25006", "25P03"].contains(sqlState)
    }

    /// Whether the same transaction, run again, may well go through.
    var asksForRepeat: Bool { endsSession || ["40001", "40P01"].contains(sqlState) }

    func error(of database: String) -> StorageError {
        guard let sqlState, !endsSession else { return .unreachable(database: database, reason: message) }
        switch sqlState {
        case "40001", "40P01": return .conflict(database: database, detail: message)
        // Waited too long for a lock, or for the statement as a whole.
        case "55P03", "57014": return .busy(database: database)
        case "53100": return .diskFull(database: database)
        case "XX001", "XX002": return .corrupt(database: database, detail: message)
        case "42501": return .cannotOpen(database: database, reason: message)
        case let state where state.hasPrefix("23"): return .constraint(database: database, detail: message)
        case let state where state.hasPrefix("53"): return .unreachable(database: database, reason: message)
        default: return .other(database: database, code: sqlState, detail: message)
        }
    }
}
