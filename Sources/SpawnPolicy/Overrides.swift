// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// Collects the values of KubeSpawner's traits, layer on layer, as KubeSpawner's `_apply_overrides` does: an object
/// on an object merges, all the way down; anything else replaces.
struct Overrides {
    private(set) var values: JSONObject

    init(base: JSONObject) { values = base }

    mutating func apply(_ layer: JSONObject) {
        for (trait, value) in layer { apply(value, to: trait) }
    }

    mutating func apply(_ value: JSON, to trait: String) {
        guard let old = values[trait]?.object, let new = value.object else {
            values[trait] = value
            return
        }
        values[trait] = JSON(old.merged(with: new, keepsNulls: Trait.isMap(trait)))
    }
}

extension Overrides {
    /// Merges a `set` block's traits, by the policy language's rules.
    mutating func merge(_ change: JSON) throws(FieldMergeError) {
        for (trait, value) in change.object ?? JSONObject() {
            let merged = try FieldMerge(.kubeSpawner).merge(
                value, into: values[trait], under: trait, at: "/spawner/" + trait)
            values[trait] = merged ?? JSON.null
        }
    }
}

/// What the policy must know of KubeSpawner's traits.
enum Trait {
    /// Those that are dictionaries in KubeSpawner itself, so that a null in one always deletes there.
    static func isMap(_ name: String) -> Bool { maps.contains(name) }

    /// Those whose texts KubeSpawner or JupyterHub put through Python's `str.format` later: braces in user data must
    /// be doubled there, or a typed `{` ends the start in an error that the hub counts as its own.
    static func isExpanded(_ name: String) -> Bool { expanded.contains(name) }

    private static let maps: Set<String> = [
        "environment", "node_selector", "extra_labels", "extra_annotations", "common_labels", "lifecycle_hooks",
        "extra_resource_limits", "extra_resource_guarantees", "extra_container_config", "extra_pod_config",
        "storage_extra_labels", "storage_extra_annotations", "storage_selector", "user_namespace_labels",
        "user_namespace_annotations",
    ]

    private static let expanded: Set<String> = [
        "environment", "extra_labels", "extra_annotations", "volumes", "volume_mounts", "init_containers",
        "extra_containers", "service_account", "extra_pod_config", "storage_extra_labels",
        "storage_extra_annotations", "storage_selector", "user_namespace_labels", "user_namespace_annotations",
        "notebook_dir", "default_url", "pod_connect_ip",
    ]
}

extension JSONObject {
    /// Null deletes. It stays as null where the hub may hold the key too (`keepsNulls`, or a key not known here).
    fileprivate func merged(with new: JSONObject, keepsNulls: Bool) -> JSONObject {
        var merged = self
        for (key, value) in new {
            if value.isNull {
                let stays = keepsNulls || merged[key] == JSON?.none
                merged[key] = stays ? JSON.null : JSON?.none
            } else if let old = merged[key]?.object, let inner = value.object {
                merged[key] = JSON(old.merged(with: inner, keepsNulls: keepsNulls))
            } else {
                merged[key] = value
            }
        }
        return merged
    }
}
