// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// What the configuration says for every pod; `patch(_:for:)` makes one pod of it.
///
/// All members have a default that changes nothing but what a reservation asks for.
package struct PodTerms: Sendable, Hashable {
    /// The container that runs the server: it alone gets the GPU, the environment, the mounts and the token.
    package var container = "notebook"
    /// Unless a profile says otherwise.
    package var security = PodSecurity.asTheHubSays
    /// What becomes of supplemental groups that came with the pod when the user's own are known.
    package var supplementalGroups = SupplementalGroups.replace
    /// Sets `supplementalGroupsPolicy: Strict`, so that an image's own /etc/group adds none.
    /// A kubelet or container runtime that does not know it refuses the pod.
    package var strictSupplementalGroups = false
    /// A file system group makes the node change the group of whole volumes at each start. Nil removes it where the
    /// user's own numbers are known, since their files have owners already, and unless the policy's changes ask for one.
    package var fsGroup: FSGroup?
    /// Persistent volume claims are NFS shares, which a pod does not tell.
    package var claimsAreNFS = false
    package var lxcfs: LXCFS?

    /// Set in the server's container, in this order.
    package var environment: [EnvironmentVariable] = [] {
        didSet { environment = environment.map(\.packed) }
    }
    /// Variables that get the CPU limit of the server's container, rounded down and at least 1. One that the container
    /// has already, or a container without a CPU limit, is left alone.
    package var threadCountVariables: [String] = []
    package var volumes: [Volume] = []
    /// Mounted in the server's container.
    package var volumeMounts: [VolumeMount] = []
    /// Mounted in every container, such as passwd and group files.
    package var volumeMountsEverywhere: [VolumeMount] = []

    /// A JSON object of strings: where servers run unless a GPU pool says otherwise for the same key.
    package var nodeSelector = JSON.emptyObject
    /// A JSON array of Kubernetes tolerations; a GPU pool's are added to them.
    package var tolerations = JSON.emptyArray {
        didSet { baseTolerations = (tolerations.array ?? []).map(Toleration.init) }
    }
    private(set) var baseTolerations: [Toleration] = []
    /// Used unless a GPU pool has its own.
    package var runtimeClassName: String?
    package var priorityClassName: String?
    /// JSON objects of strings.
    package var labels = JSON.emptyObject
    package var annotations = JSON.emptyObject

    /// Starts of resource names that are handed out only by reservation: `nvidia.com/`, `mortalgpu/`. What a pod asks
    /// for under one of them without a reservation is taken away.
    package var gpuResourcePrefixes: [String] = []
    /// All pools there are. What one of them puts on a pod (resources, node selector, tolerations, runtime class, and
    /// all that its backend says) is taken off a pod that has no reservation in it: a spawner keeps such settings
    /// between starts.
    package var pools: [Pool] = [] {
        didSet { traces = PoolTraces(of: pools) }
    }
    private(set) var traces = PoolTraces(of: [])
    /// Environment variables that only GPU profiles set; taken off the server's container in a pod without a GPU.
    package var gpuEnvironment: [String] = []

    /// What becomes of a pod that its namespace's quotas or ranges would refuse, as far as they are known.
    package var namespaceLimits = LimitCheck.warn

    package var sidecars: Sidecars? {
        didSet { sidecarParts = sidecars.map(SidecarParts.init) }
    }
    private(set) var sidecarParts: SidecarParts?
    /// `activeDeadlineSeconds` is the walltime plus this, so that the polite end comes first.
    package var deadlineGrace: Duration = .seconds(300)
    /// How long a hub has to stop a server whose walltime is over, before its pod is deleted.
    package var endGrace: Duration = .seconds(60)
    /// How much longer than its walltime an operator may let a pod run: Kubernetes ends it so much later, since its
    /// deadline can never be raised.
    package var extensionMax: Duration = .zero

    /// From the end of its walltime to the pod's deadline.
    ///
    /// - Parameter usersMost: what the pod's user may add by themselves.
    package func deadlineSlack(usersMost: Duration = .zero) -> Duration { deadlineGrace + max(extensionMax, usersMost) }

    package init() {}

    package enum LimitCheck: String, Sendable, Hashable, CaseIterable {
        case ignore, warn, refuse
    }

    package enum SupplementalGroups: String, Sendable, Hashable, CaseIterable {
        case replace, keep
    }

    package enum FSGroup: String, Sendable, Hashable, CaseIterable {
        case keep, remove
    }

    /// One entry of a container's `env`.
    package struct EnvironmentVariable: Sendable, Hashable {
        package let name: String
        package let json: JSON

        package init(_ name: String, _ value: String) {
            self.name = name
            self.json = JSON(JSONObject(("name", JSON(name)), ("value", JSON(value))))
        }

        /// - Parameter valueFrom: a Kubernetes `valueFrom` object.
        package init(_ name: String, valueFrom: JSON) {
            self.name = name
            self.json = JSON(JSONObject(("name", JSON(name)), ("valueFrom", valueFrom)))
        }

        private init(_ name: String, packing json: JSON) {
            self.name = name
            self.json = json.packed
        }

        /// The same for many pods.
        var packed: EnvironmentVariable { EnvironmentVariable(name, packing: json) }
    }

    /// A Kubernetes volume.
    package struct Volume: Sendable, Hashable {
        package let name: String
        package let json: JSON

        /// Nil unless `json` is an object with a string `name`.
        package init?(_ json: JSON) {
            guard let name = json["name"]?.string else { return nil }
            self.name = name
            self.json = json.packed
        }
    }

    /// A Kubernetes volume mount.
    package struct VolumeMount: Sendable, Hashable {
        package let volume: String
        package let path: String
        package let json: JSON

        /// Nil unless `json` is an object with strings `name` and `mountPath`.
        package init?(_ json: JSON) {
            guard let volume = json["name"]?.string, let path = json["mountPath"]?.string else { return nil }
            self.volume = volume
            self.path = path
            self.json = json.packed
        }
    }
}
