// SPDX-License-Identifier: Apache-2.0
import Directory
import Logging
import Synchronization

/// Tells of numbers that are no longer whose they were at the read before: on shared storage the files are another's now.
/// Pods that run keep the numbers that they were made with.
final class IdentityWatch: Sendable {
    private static let toldMost = 20
    private let last = Mutex<Identities?>(nil)
    private let log: Logger

    init(_ log: Logger) { self.log = log }

    func take(_ identities: Identities) {
        let changes = last.withLock { last in
            defer { last = identities }
            return last.map { identities.changes(since: $0) } ?? []
        }
        guard !changes.isEmpty else { return }
        log.warning(
            "uids changed hands",
            metadata: [
                "count": .stringConvertible(changes.count),
                "first": .array(changes.prefix(Self.toldMost).map { .string($0.words) }),
            ])
    }
}

extension IdentityChange {
    fileprivate var words: String {
        switch self {
        case .uidReused(let uid, let before, let now): "uid \(uid) belonged to \(before) and belongs to \(now)"
        case .uidChanged(let name, let before, let now): "\(name) had uid \(before) and has \(now)"
        }
    }
}
