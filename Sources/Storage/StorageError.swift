// SPDX-License-Identifier: Apache-2.0

/// Why the database could not do what was asked. `database` is what an operator would look for: the file's
/// path, or the server's place.
package enum StorageError: Error, Hashable, Sendable {
    /// The file cannot be opened or made; `reason` is the system's.
    case cannotOpen(database: String, reason: String)
    case readOnly(database: String)
    case diskFull(database: String)
    /// Somebody else kept the database locked for longer than we wait.
    case busy(database: String)
    /// The server does not answer, or the connection to it was lost.
    case unreachable(database: String, reason: String)
    /// The database let the transaction give way to another, or lost it; nothing of it was kept.
    case conflict(database: String, detail: String)
    case corrupt(database: String, detail: String)
    /// The file is a database, but not one of ours.
    case notOurs(database: String)
    /// A newer release of Berth has already changed the tables of `component`.
    case newerSchema(database: String, component: String, found: Int, known: Int)
    /// The statement would break a rule of the schema; nothing of it was done.
    case constraint(database: String, detail: String)
    /// As many transactions as may wait are waiting; this one was not begun.
    case overloaded(database: String, waiting: Int)
    /// The connection was closed; nothing was done.
    case closed(database: String)
    /// `code` is the database's own.
    case other(database: String, code: String, detail: String)
}

extension StorageError: StorageFailure {
    package init(_ storage: StorageError) { self = storage }

    /// Whether trying another transaction at once would only wait as long again.
    var concernsAll: Bool {
        switch self {
        case .busy, .unreachable, .conflict: true
        case .cannotOpen, .readOnly, .diskFull, .corrupt, .notOurs, .newerSchema, .constraint, .overloaded, .closed,
            .other:
            false
        }
    }
}

extension StorageError: CustomStringConvertible {
    /// What is wrong and what an operator can do, in a sentence or two.
    package var description: String {
        switch self {
        case .cannotOpen(let database, let reason):
            "\(database) cannot be opened: \(reason). Check that the directory exists and that Berth may write to it."
        case .readOnly(let database):
            "\(database) cannot be written to. Check its owner, its mode and whether its disk is mounted read-only."
        case .diskFull(let database):
            "There is no space left to write \(database). Nothing is lost; free some space and Berth goes on by itself."
        case .busy(let database):
            "\(database) is locked by somebody else. End whatever else has it open: another process on the file, or a "
                + "session that stands in a transaction."
        case .unreachable(let database, let reason):
            "\(database) cannot be reached: \(reason). Check that its server runs and lets Berth in; Berth goes on by "
                + "itself once it answers."
        case .conflict(let database, let detail):
            "\(database) had the transaction give way (\(detail)). Nothing was changed; try again."
        case .corrupt(let database, let detail):
            "\(database) is damaged (\(detail)). Stop Berth and put back a backup, or move the file away to begin anew."
        case .notOurs(let database):
            "\(database) is a database of another program. Name another file; this one was left as it was."
        case .newerSchema(let database, let component, let found, let known):
            "\(database) was written by a newer Berth (\(component) is at version \(found), this one knows \(known)). "
                + "Run the newer Berth, or put back the backup from before the upgrade."
        case .constraint(let database, let detail):
            "\(database) refused a change (\(detail)). This is a fault in Berth: please report it."
        case .overloaded(let database, let waiting):
            "\(waiting) transactions are already waiting for \(database). Try again in a moment."
        case .closed(let database):
            "\(database) is closed because Berth is stopping."
        case .other(let database, let code, let detail):
            "\(database) failed: \(detail) (code \(code))."
        }
    }
}
