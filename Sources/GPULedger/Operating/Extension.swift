// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// How much longer an operator, or the user where policy allows it, lets a session run, and what may speak against it.
package struct OperatorExtensionTerms: Sendable {
    package let span: Duration
    package let quotas: Quotas
    /// How long after its walltime Kubernetes ends a pod.
    package let podGrace: Duration
    /// Whatever speaks against it.
    package let isForced: Bool
    /// All that whoever asks may add to this session, with what they have added before; nil for no such limit.
    package let authorsMost: Duration?

    package init(
        _ span: Duration, under quotas: Quotas = .none, podGrace: Duration, isForced: Bool = false,
        authorsMost: Duration? = nil
    ) {
        self.span = span
        self.quotas = quotas
        self.podGrace = podGrace
        self.isForced = isForced
        self.authorsMost = authorsMost
    }
}

/// What speaks against an extension.
package enum ExtensionObstacle: Sendable, Hashable {
    /// So many in the waiting list would have to wait longer.
    case waiting(Int)
    /// GPU-hours of the running period, counted up to the new end.
    case quota(QuotaShortage)
    /// It runs on what other groups leave idle, and they were told until when.
    case borrowed
    /// Kubernetes may end its pod from then on: its `activeDeadlineSeconds` can be lowered, and never raised.
    case podDeadline(Instant)

    /// For the audit.
    var word: String {
        switch self {
        case .waiting: "waiting"
        case .quota: "quota"
        case .borrowed: "borrowed"
        case .podDeadline: "pod-deadline"
        }
    }
}

package enum OperatorExtension: Sendable, Hashable {
    /// Where it was forced, whatever spoke against it.
    case extended(Reservation, despite: [ExtensionObstacle])
    /// Nothing was changed; `isForced` would.
    case refused(Reservation, [ExtensionObstacle])
    case ended(Reservation)
    /// Its walltime has not begun, or it has none.
    case hasNoEnd(Reservation)
    /// Whoever asks has added all that they may.
    case usedUp(Reservation)
    /// It would end more than `Ledger.extensionMax` from now.
    case tooLong(Reservation)
    case unknown
}
