// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What GPU pools put on pods, and take off one that holds nothing in them; made once for a configuration.
struct PoolTraces: Sendable, Hashable {
    var resources: [String] = []
    /// Keys of annotations, beside those that Berth sets by itself.
    var annotations: [String] = []
    var nodeSelectors: [NodeSelector] = []
    var tolerations: [Toleration] = []
    var runtimeClasses: [String] = []

    struct NodeSelector: Sendable, Hashable {
        let key: String
        let value: JSON
    }

    init(of pools: [Pool]) {
        for pool in pools {
            resources.append(pool.resourceName)
            if let annotation = pool.limitAnnotation { annotations.append(annotation.key) }
            for (key, value) in pool.nodeSelector.object ?? JSONObject() {
                nodeSelectors.append(NodeSelector(key: key, value: value))
            }
            tolerations += (pool.tolerations.array ?? []).map(Toleration.init)
            if let runtimeClass = pool.runtimeClassName { runtimeClasses.append(runtimeClass) }
        }
    }
}
