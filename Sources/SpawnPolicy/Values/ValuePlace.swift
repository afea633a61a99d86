// SPDX-License-Identifier: Apache-2.0

/// Where a value stands, as far as it matters for data that a user, or who speaks for them, has a say in.
package enum ValuePlace: Sendable, Hashable {
    case plain
    /// Kubernetes takes text only.
    case text
    /// A part of a path: no slash from data, and no way up.
    case path
    /// A key of a mapping.
    case key
    /// The key under which a mount's path stands: a path, and a key.
    case pathKey
    /// Kubernetes puts variables in place of `$(NAME)`: a `$` in data is doubled.
    case expanded
    /// The same, and KubeSpawner formats braces.
    case formattedAndExpanded
    /// KubeSpawner formats braces: those in data are doubled.
    case formatted
    case labelValue
    /// The name of a Kubernetes object.
    case objectName
    case image
    /// The content of an object: any text.
    case content
}

extension ValuePlace {
    /// The place of the value under `keys`, outermost first; list entries have no key.
    ///
    /// - Parameter trait: whether the first key is a trait of KubeSpawner.
    package init(under keys: [String], isTrait: Bool) {
        let last = keys.last ?? ""
        let parent = keys.count > 1 ? keys[keys.count - 2] : ""
        let isFormatted = isTrait && Trait.isExpanded(keys.first ?? "")
        switch last {
        case "subPath", "subPathExpr", "mountPath", "path", "workingDir", "notebook_dir", "working_dir": self = .path
        case "claimName", "secretName", "serviceAccountName", "service_account", "namespace": self = .objectName
        case "name" where parent == "metadata": self = .objectName
        case "image": self = .image
        case "command", "args", "cmd": self = isFormatted ? .formattedAndExpanded : .expanded
        case "value": self = isFormatted ? .formattedAndExpanded : .expanded
        default:
            switch parent {
            case "env", "environment": self = isTrait ? .formattedAndExpanded : .expanded
            case "labels", "extra_labels", "common_labels", "matchLabels": self = .labelValue
            case "annotations", "nodeSelector": self = .text
            case "data", "stringData": self = .content
            default: self = isFormatted ? .formatted : .plain
            }
        }
    }

    /// The place of a key below `keys`.
    package static func key(under keys: [String]) -> ValuePlace {
        ["volumeMounts", "volume_mounts"].contains(keys.last ?? "") ? .pathKey : .key
    }
}
