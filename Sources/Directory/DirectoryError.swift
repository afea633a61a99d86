// SPDX-License-Identifier: Apache-2.0

/// Why the directory did not say who somebody is. That it does not know them is an answer, and not here.
package enum DirectoryError: Error, Sendable, Hashable {
    // MARK: The directory cannot be asked, or its answer is not whole

    case unreachable(server: String, reason: String)
    /// No TLS connection, or the certificate does not prove that it is who we asked for.
    case notSecure(server: String, reason: String)
    /// It does not let us in; `who` is the DN.
    case bindRefused(server: String, who: String, reason: String)
    case timedOut(server: String)
    /// The connection ended before the answer did.
    case lost(server: String, reason: String)
    /// The whole look-up took longer than it may.
    case late(Duration)
    case overloaded(waiting: Int)
    /// The server stopped before it had said all.
    case incomplete(server: String, Limit)
    /// Part of the answer is elsewhere; referrals are not followed.
    case referred(server: String, base: String)
    case baseMissing(server: String, base: String)
    case refused(server: String, code: Int, reason: String)
    /// Bytes that are no answer to what was asked.
    case unreadable(server: String, reason: String)

    // MARK: The person's entry, or one of their groups', cannot be used

    /// More than one entry has the name.
    case ambiguous(name: String)
    /// The directory's comparison is wider than ours.
    case otherName(asked: String, entry: String)
    case nameUnfit(entry: String)
    case idMissing(attribute: String, entry: String)
    case idUnusable(attribute: String, value: String, entry: String)
    case idOutOfRange(attribute: String, value: String, entry: String)
    case idShared(uid: Int, entry: String)
    case valueUnusable(attribute: String, entry: String, reason: String)
    case nestedTooDeep(depth: Int)
    case tooManyGroups(limit: Int)

    package enum Limit: String, Sendable {
        case size, time, administrative
    }
}

extension DirectoryError {
    /// A new connection may bring the answer: nothing is known to be wrong but this one.
    var isOfConnection: Bool { if case .lost = self { true } else { false } }

    /// What is left on the connection may still come, or nothing ever will.
    var spoilsConnection: Bool {
        switch self {
        case .unreachable, .notSecure, .bindRefused, .timedOut, .lost, .late, .unreadable, .refused: true
        case .overloaded, .incomplete, .referred, .baseMissing, .ambiguous, .otherName, .nameUnfit, .idMissing,
            .idUnusable, .idOutOfRange, .idShared, .valueUnusable, .nestedTooDeep, .tooManyGroups:
            false
        }
    }

    /// The directory is as it should be, and this person's entry is not.
    package var isOfEntry: Bool {
        switch self {
        case .unreachable, .notSecure, .bindRefused, .timedOut, .lost, .late, .overloaded, .incomplete, .referred,
            .baseMissing, .refused, .unreadable:
            false
        case .ambiguous, .otherName, .nameUnfit, .idMissing, .idUnusable, .idOutOfRange, .idShared, .valueUnusable,
            .nestedTooDeep, .tooManyGroups:
            true
        }
    }
}
