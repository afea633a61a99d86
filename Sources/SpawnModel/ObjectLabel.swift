// SPDX-License-Identifier: Apache-2.0

/// Labels by which the objects beside pods are known in the cluster.
package enum ObjectLabel {
    package static let managedBy = "app.kubernetes.io/managed-by"
    /// The value of `managedBy`.
    package static let manager = "berth"
    /// The object's name in the policy.
    package static let object = "berth.io/object"
    /// A `SessionObject.Lifetime`.
    package static let lifetime = "berth.io/lifetime"
    package static let deployment = "berth.io/deployment"
    package static let user = "berth.io/user"
    /// The server's id; objects of a session only.
    package static let server = "berth.io/server"
    /// The reservation's id, by which one whose server is gone can be told; objects of a session only.
    package static let reservation = "berth.io/reservation"

    /// The value of `object` that the Secret with the sidecars' credential has.
    package static let credential = "sidecar-credential"

    /// Values of `object` that overlays have, which no object of a policy may.
    package static let overlays = [overlay, sharedOverlay]
    package static let overlay = "overlay"
    package static let sharedOverlay = "overlay-shared"
}
