// SPDX-License-Identifier: Apache-2.0

/// What lists of pods, containers and KubeSpawner's traits are made of, by the key that they stand under.
///
/// Kubernetes' own merge keys (`x-kubernetes-patch-merge-key`, `x-kubernetes-list-map-keys` of its OpenAPI), with two
/// kinds more that the API server refuses repeats of or never means twice: sysctls and tolerations.
enum ListKind {
    /// Entries that carry a name under `key`.
    case named(key: String, NamedEntries)
    /// Entries that several members tell apart.
    case keyed([KeyPart], NamedEntries)
    /// One value that happens to be a list: a command line, or alternatives that a further one would widen.
    case whole
    case plain

    enum NamedEntries {
        /// An entry of a known name merges with the one that is there.
        case merge
        /// It takes its place: its parts exclude each other, such as the sources of a volume.
        case replace
    }

    /// A member that tells entries apart, and what its absence means; nil where an entry without it has no key.
    struct KeyPart {
        let member: String
        var absent: String?
    }

    /// The list under `key`; KubeSpawner's names stand beside Kubernetes' own.
    init(_ key: String) {
        switch key {
        case "containers", "initContainers", "ephemeralContainers", "init_containers", "extra_containers",
            "schedulingGates":
            self = .named(key: "name", .merge)
        case "volumes", "env", "imagePullSecrets", "resourceClaims", "sysctls": self = .named(key: "name", .replace)
        case "volumeMounts", "volume_mounts": self = .named(key: "mountPath", .merge)
        case "volumeDevices": self = .named(key: "devicePath", .merge)
        case "hostAliases": self = .named(key: "ip", .merge)
        case "ports":
            self = .keyed([KeyPart(member: "containerPort"), KeyPart(member: "protocol", absent: "TCP")], .merge)
        case "topologySpreadConstraints":
            self = .keyed([KeyPart(member: "topologyKey"), KeyPart(member: "whenUnsatisfiable")], .merge)
        case "tolerations": self = .keyed(ListKind.toleration, .replace)
        case "command", "args", "cmd", "nodeSelectorTerms": self = .whole
        default: self = .plain
        }
    }

    /// All but `tolerationSeconds`, as Kubernetes' own controllers compare them.
    private static let toleration = [
        KeyPart(member: "key", absent: ""), KeyPart(member: "operator", absent: "Equal"),
        KeyPart(member: "value", absent: ""), KeyPart(member: "effect", absent: ""),
    ]
}
