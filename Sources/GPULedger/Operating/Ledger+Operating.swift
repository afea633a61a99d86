// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

extension Ledger {
    /// An operator can let a session end this far from now at most.
    package static let extensionMax = Duration.seconds(30 * 86_400)

    /// Grants nothing more on `node` until `undrain`; survives restarts, and counts for every replica.
    ///
    /// The node need not be in the inventory: it may be away for the moment.
    ///
    /// - Returns: false where it was drained before; nothing is written then.
    package func drain(_ node: String, by author: Operator, now: Instant) async throws(LedgerError) -> Bool {
        try await withRows { (rows) throws(StorageError) in try rows.drain(node, by: author, at: now) }
    }

    package func undrain(_ node: String, by author: Operator, now: Instant) async throws(LedgerError) -> Bool {
        try await withRows { (rows) throws(StorageError) in try rows.undrain(node, by: author, at: now) }
    }

    /// Ends a reservation on an operator's word.
    ///
    /// - Parameter force: also while its pod is seen alive; what it uses then counts as nobody's.
    package func release(
        _ id: String, by author: Operator, force: Bool, now: Instant
    ) async throws(LedgerError) -> OperatorRelease {
        try await transaction(at: now) { (rows, now) throws(LedgerError) in
            try rows.stored { () throws(StorageError) in try rows.release(id, by: author, force: force, at: now) }
        }
    }

    /// Moves the end of a session's walltime, unless others would pay for it and it is not forced.
    package func extend(
        _ id: String, by author: Operator, _ terms: OperatorExtensionTerms, now: Instant
    ) async throws(LedgerError) -> OperatorExtension {
        let shared = picture
        return try await transaction(at: now) { (rows, now) throws(LedgerError) in
            try rows.stored { () throws(StorageError) in try rows.extend(id, by: author, terms, in: shared, at: now) }
        }
    }

    /// What somebody has added to a session, operator or user.
    package func extended(_ id: String, by author: String) async throws(LedgerError) -> Duration {
        try await withRows { (rows) throws(StorageError) in try rows.extended(id, by: author) }
    }

    /// Writes down what an operator has changed outside of the ledger.
    package func audit(
        _ action: AuditEntry.Action, _ target: String, before: String, after: String, by author: Operator, now: Instant
    ) async throws(LedgerError) {
        try await withRows { (rows) throws(StorageError) in
            try rows.audit(action, target, before: before, after: after, by: author, at: now)
        }
    }

    /// The newest first, at most `listMax`, of those before `sequence`.
    package func auditEntries(before sequence: Int64 = .max, most: Int) async throws(LedgerError) -> [AuditEntry] {
        try await withRows { (rows) throws(StorageError) in
            try rows.auditEntries(before: sequence, most: min(most, Self.listMax))
        }
    }

    package func nodeMarks() async throws(LedgerError) -> [NodeMark] {
        try await withRows { (rows) throws(StorageError) in try rows.nodeMarks() }
    }
}
