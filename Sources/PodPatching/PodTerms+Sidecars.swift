// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension PodTerms {
    /// The containers that Berth adds: one that ends the server at its walltime, one that keeps its token fresh.
    package struct Sidecars: Sendable, Hashable {
        package var image: String
        package var imagePullPolicy: String?
        /// Init containers that keep running (Kubernetes 1.29 and later); otherwise ordinary containers, whose state
        /// counts when KubeSpawner asks whether the pod is ready. Nil: as the cluster's version has them, and ordinary
        /// where that is not known.
        package var areNative: Bool?
        /// Where the sidecars reach Berth.
        package var berthURL: String
        /// `command` of the container that counts the walltime down; empty leaves it out.
        package var walltimeCommand = ["berth", "walltime"]
        /// `command` of the container that hands the token over; empty leaves it out.
        package var tokenCommand = ["berth", "token"]
        /// How long before its end the user is told, the earliest first.
        package var warnBefore: [Duration] = [.seconds(3600), .seconds(900), .seconds(300)]
        /// Always set: in a namespace with a quota a pod is refused when one container has none.
        package var resources = Resources() {
            didSet { resourcesJSON = resources.json }
        }
        private(set) var resourcesJSON = Resources().json
        /// The Secret that holds the sidecars' credential; `{reservation_id}` stands for the reservation's id, in the
        /// letters that a Secret's name may have.
        package var credentialSecret = "berth-{reservation_id}"
        /// The key of the credential in that Secret.
        package var credentialKey = "token"

        package init(image: String, berthURL: String) {
            self.image = image
            self.berthURL = berthURL
        }

        func areNative(in cluster: ClusterFacts) -> Bool { areNative ?? cluster.hasNativeSidecars ?? false }

        /// Kubernetes quantities.
        package struct Resources: Sendable, Hashable {
            package var cpuRequest = "10m"
            package var cpuLimit = "100m"
            package var memoryRequest = "32Mi"
            package var memoryLimit = "64Mi"
            package init() {}

            fileprivate var json: JSON {
                let resources: JSON = [
                    "requests": ["cpu": JSON(cpuRequest), "memory": JSON(memoryRequest)],
                    "limits": ["cpu": JSON(cpuLimit), "memory": JSON(memoryLimit)],
                ]
                return resources.packed
            }
        }
    }
}
