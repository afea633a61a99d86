// SPDX-License-Identifier: Apache-2.0

/// What lists of pods, containers and KubeSpawner's traits are made of, by the key that they stand under.
enum ListKind {
    /// Entries that carry a name under `key`.
    case named(key: String, NamedEntries)
    /// One value that happens to be a list: a command line, or alternatives that a further one would widen.
    case whole
    case plain

    enum NamedEntries {
        /// An entry of a known name merges with the one that is there.
        case merge
        /// It takes its place: its parts exclude each other, such as the sources of a volume.
        case replace
    }

    /// The list under `key`; KubeSpawner's names stand beside Kubernetes' own.
    init(_ key: String) {
        switch key {
        case "containers", "initContainers", "init_containers", "extra_containers": self = .named(key: "name", .merge)
        case "volumes", "env", "imagePullSecrets": self = .named(key: "name", .replace)
        case "volumeMounts", "volume_mounts": self = .named(key: "mountPath", .merge)
        case "command", "args", "cmd", "nodeSelectorTerms": self = .whole
        default: self = .plain
        }
    }
}
