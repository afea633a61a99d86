// SPDX-License-Identifier: Apache-2.0
import Configuration
import JSONTree
import Kubernetes
import Logging
import PodPatching
import SpawnModel
import Synchronization

/// What is known of the cluster by the last look, for pods that are answered at once. Looked at again and again, and
/// only at what the configuration makes use of.
final class ClusterView: Sendable {
    /// How long what was seen counts when the cluster no longer answers. After that nothing is known.
    private static let ageMax: Duration = .seconds(300)
    private static let pause: Duration = .seconds(15)

    private struct State {
        var facts = ClusterFacts.unknown
        var seenAt: ContinuousClock.Instant?
        /// Tells once that it fails, and once that it works again.
        var isFailing = false
    }

    private let cluster: Cluster
    private let site: @Sendable () -> Site
    private let log: Logger
    private let state = Mutex(State())

    init(_ cluster: Cluster, site: @escaping @Sendable () -> Site, log: Logger) {
        self.cluster = cluster
        self.site = site
        self.log = log
    }

    var facts: ClusterFacts {
        state.withLock { state in
            guard let seenAt = state.seenAt, .now - seenAt < Self.ageMax else { return .unknown }
            return state.facts
        }
    }

    func start() -> Task<Void, Never> {
        Task.detached {
            while !Task.isCancelled {
                await self.look()
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    private func look() async {
        do throws(KubernetesError) {
            let facts = try await seen(site())
            let isBack = state.withLock { state in
                defer { state = State(facts: facts, seenAt: .now) }
                return state.isFailing
            }
            if isBack { log.notice("cluster seen again") }
        } catch {
            let isNews = state.withLock { state in
                defer { state.isFailing = true }
                return !state.isFailing
            }
            guard isNews else { return }
            log.warning("cluster not seen", metadata: ["code": .string(error.code), "detail": .string("\(error)")])
        }
    }

    private func seen(_ site: Site) async throws(KubernetesError) -> ClusterFacts {
        let version = try await cluster.version()
        var facts = ClusterFacts(version: .init(major: version.major, minor: version.minor))
        if site.pod.lxcfs?.nodes.asksForNodes ?? false { facts.nodes = try await nodes() }
        guard site.pod.namespaceLimits != .ignore else { return facts }
        for namespace in Set(site.deployments.compactMap(\.namespace)) {
            facts.namespaces[namespace] = NamespaceLimits(
                limitRanges: try await cluster.listAll(.limitRange, in: namespace).items,
                quotas: try await cluster.listAll(.resourceQuota, in: namespace).items)
        }
        return facts
    }

    /// Of each node's page only the facts are kept.
    private func nodes() async throws(KubernetesError) -> [NodeFacts] {
        var nodes: [NodeFacts] = []
        try await cluster.list(.node, in: nil) { page in
            if page.isFirst { nodes = [] }
            nodes += page.items.compactMap(NodeFacts.init)
        }
        return nodes
    }
}
