// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What GPU pools and their backends put on pods, and take off one that holds nothing in them; made once for a
/// configuration.
struct PoolTraces: Sendable, Hashable {
    var resources: [String] = []
    /// Beside those annotations and labels that Berth sets by itself.
    var annotations: [Trace] = []
    var labels: [Trace] = []
    var environment: [Trace] = []
    /// Annotations that are a wish for a GPU, whoever sets them.
    var askingAnnotations: [String] = []
    var schedulers: [String] = []
    var claimTemplates: [String] = []
    var nodeSelectors: [NodeSelector] = []
    var tolerations: [Toleration] = []
    var runtimeClasses: [String] = []

    /// A key that some pool sets.
    struct Trace: Sendable, Hashable {
        let key: String
        /// Only this value counts; nil where it differs from pod to pod.
        let value: String?

        func matches(_ present: JSON) -> Bool { value.map { present.string == $0 } ?? true }
    }

    struct NodeSelector: Sendable, Hashable {
        let key: String
        let value: JSON
    }

    init(of pools: [Pool]) {
        for pool in pools {
            add(pool.backend)
            resources.append(pool.resourceName)
            for (key, value) in pool.nodeSelector.object ?? JSONObject() {
                nodeSelectors.append(NodeSelector(key: key, value: value))
            }
            tolerations += (pool.tolerations.array ?? []).map(Toleration.init)
            if let runtimeClass = pool.runtimeClassName { runtimeClasses.append(runtimeClass) }
        }
    }

    private mutating func add(_ backend: GPUBackend) {
        resources += backend.resources.map(\.key)
        annotations += backend.annotations.map(Trace.init)
        labels += backend.labels.map(Trace.init)
        environment += backend.environment.map(Trace.init)
        askingAnnotations += backend.askingAnnotations
        schedulers += backend.schedulerName.map { [$0] } ?? []
        claimTemplates += backend.claims.map(\.templateName)
    }
}

extension PoolTraces.Trace {
    fileprivate init(_ entry: GPUBackend.Entry) {
        self.init(key: entry.key, value: entry.template.literal)
    }
}
