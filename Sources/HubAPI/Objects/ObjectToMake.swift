// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import SpawnModel

/// One object of a start, with the labels that say whose it is.
struct ObjectToMake {
    let key: String
    let lifetime: SessionObject.Lifetime
    let manifest: JSON
    let reservationID: String

    init(_ object: SessionObject, _ reservation: Reservation) {
        key = object.key
        lifetime = object.lifetime
        reservationID = reservation.id
        var labels = object.manifest["metadata"]?["labels"]?.object ?? JSONObject()
        labels[ObjectLabel.managedBy] = JSON(ObjectLabel.manager)
        labels[ObjectLabel.deployment] = JSON(SafeName.label(reservation.server.deployment))
        if lifetime == .session { labels[ObjectLabel.reservation] = JSON(reservation.id) }
        var manifest = object.manifest
        var metadata = manifest["metadata"] ?? .emptyObject
        metadata["labels"] = JSON(labels)
        manifest["metadata"] = metadata
        self.manifest = manifest
    }

    /// Whose an object of its name is.
    enum Holder {
        /// This start's, or the user's where it outlives starts.
        case own
        /// An earlier start's of the same server, which has ended: a server has one reservation at a time.
        case earlierStart
        case others
    }

    func holder(of found: JSON) -> Holder {
        let labels = found["metadata"]?["labels"]
        var owners = [ObjectLabel.managedBy, ObjectLabel.object, ObjectLabel.lifetime, ObjectLabel.user]
        if lifetime == .session { owners.append(ObjectLabel.server) }
        let wanted = manifest["metadata"]?["labels"]
        guard owners.allSatisfy({ labels?[$0]?.string == wanted?[$0]?.string }) else { return .others }
        guard lifetime == .session else { return .own }
        return labels?[ObjectLabel.reservation]?.string == reservationID ? .own : .earlierStart
    }

    /// A volume keeps what it was made with: most of a claim can't be changed, and what stands there is in use. What is
    /// to be kept may have been changed by hand since.
    var isMadeOnce: Bool { lifetime == .keep || manifest["kind"]?.string == "PersistentVolumeClaim" }
}
