// SPDX-License-Identifier: Apache-2.0
import JSONTree
package import Kubernetes
import SpawnModel

/// An object that was made for one start and stands in the cluster, as a list shows it.
package struct ListedSessionObject: Sendable, Hashable {
    package let name: ObjectName
    /// Kubernetes' own id of it: an object that was made anew under the same name has another.
    package let uid: String
    /// Changes whenever anything in it does, its labels too.
    package let resourceVersion: String
    /// As a label can hold it.
    package let deployment: String
    package let reservationID: String

    package init(
        name: ObjectName, uid: String, resourceVersion: String, deployment: String, reservationID: String
    ) {
        self.name = name
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.deployment = deployment
        self.reservationID = reservationID
    }

    /// What a list is asked for; what comes is looked at all the same.
    static let selector = [
        "\(ObjectLabel.managedBy)=\(ObjectLabel.manager)",
        "\(ObjectLabel.lifetime)=\(SessionObject.Lifetime.session.rawValue)", ObjectLabel.reservation,
    ].joined(separator: ",")

    /// Of an object's metadata; nil where Berth has not made it for one start alone, or where it is being deleted.
    init?(_ item: JSON, _ kind: ObjectKind, in namespace: String) {
        guard let metadata = item["metadata"], metadata["deletionTimestamp"]?.string == nil,
            let labels = metadata["labels"],
            labels[ObjectLabel.managedBy]?.string == ObjectLabel.manager,
            labels[ObjectLabel.lifetime]?.string == SessionObject.Lifetime.session.rawValue,
            labels[ObjectLabel.object]?.string.map(ObjectLabel.overlays.contains) == false,
            let deployment = labels[ObjectLabel.deployment]?.string, !deployment.isEmpty,
            let reservationID = labels[ObjectLabel.reservation]?.string, !reservationID.isEmpty,
            let name = metadata["name"]?.string, let uid = metadata["uid"]?.string,
            let version = metadata["resourceVersion"]?.string
        else { return nil }
        self.init(
            name: ObjectName(kind, in: namespace, name), uid: uid, resourceVersion: version, deployment: deployment,
            reservationID: reservationID)
    }
}
