// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Kubernetes
import Logging
package import SpawnModel

/// How well the cluster is seen, for `/readyz` and the log.
package enum GPUWatchStanding: Sendable, Hashable {
    /// Nobody has taken in what the cluster shows since this replica can know of it.
    case unseen(because: String?)
    case stale(since: Instant, because: String?)
    case seen(at: Instant, nodes: Int, podsIfLeading: Int?)
}

extension GPUWatchStanding: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unseen(let reason):
            "The cluster has not been seen yet: no GPU is granted or freed." + Self.words(reason)
        case .stale(let since, let reason):
            "The cluster was last seen at \(since): no GPU is granted or freed." + Self.words(reason)
        case .seen(let instant, let nodes, let pods?):
            "ok, seen at \(instant): \(nodes) nodes, \(pods) pods with a GPU; this replica leads"
        case .seen(let instant, let nodes, nil):
            "ok, seen at \(instant): \(nodes) nodes; another replica watches pods"
        }
    }

    private static func words(_ reason: String?) -> String { reason.map { " \($0)" } ?? "" }
}

extension GPUWatch {
    package var standing: GPUWatchStanding {
        let now = parts.now()
        let reason = (nodes.fault ?? pods.fault).map { "\($0)" } ?? tooMany
        guard let seen = ledger.clusterSeenAt else { return .unseen(because: reason) }
        guard ledger.seesCluster(at: now) else {
            return now - seen > terms.staleAfter ? .stale(since: seen, because: reason) : .unseen(because: reason)
        }
        return .seen(at: seen, nodes: nodes.seen.count, podsIfLeading: isLeading ? pods.seen.count : nil)
    }

    private var tooMany: String? {
        let isOver = { (isListed: Bool, isComplete: Bool) in isListed && !isComplete }
        let (nodes, pods) = (nodes.seen, pods.seen)
        guard isOver(nodes.isListed, nodes.isComplete) || isOver(pods.isListed, pods.isComplete) else { return nil }
        return "There are more nodes, or pods with a GPU, than Berth keeps."
    }

    /// Why nothing comes, the moment from which nothing is granted, and the one from which it is again; each once.
    func tellWhatIsUnseen() {
        let fault = nodes.fault ?? pods.fault
        if isNews(\.fault, fault?.code), let fault {
            log.error(
                "nodes and pods are not heard of",
                metadata: ["code": .string(fault.code), "detail": .string("\(fault)")])
        }
        let standing = standing
        let isUnseen = if case .seen = standing { false } else { ledger.clusterSeenAt != nil }
        guard isNews(\.unseen, isUnseen ? "unseen" : nil) else { return }
        if isUnseen {
            log.error("GPUs unseen", metadata: ["code": "cluster-unseen", "detail": .string("\(standing)")])
        } else {
            log.notice("GPUs seen again", metadata: ["detail": .string("\(standing)")])
        }
    }
}
