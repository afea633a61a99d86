// SPDX-License-Identifier: Apache-2.0

/// For whom a token of Berth's own speaks: the sidecars of one pod.
package struct SidecarPass: Sendable, Hashable {
    package let reservationID: String
    package let deployment: String
    package let namespace: String
    /// The pod's name, which one living pod of a namespace can have.
    package let pod: String

    package init(reservationID: String, deployment: String, namespace: String, pod: String) {
        self.reservationID = reservationID
        self.deployment = deployment
        self.namespace = namespace
        self.pod = pod
    }
}
