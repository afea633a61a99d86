// SPDX-License-Identifier: Apache-2.0
import Configuration
import JSONTree
import PodPatching
import SpawnModel

extension Site {
    /// Annotations by which the admission webhook knows the pod called `pod` as that of `reservation`, before and
    /// without the hub asking for it. None where no webhook asks, nothing is sealed, or the hub does not name its pod.
    func marks(of reservation: Reservation, pod: String?) throws(Problem) -> JSONObject {
        guard admission != nil, let seal = try seal(of: reservation, pod: pod) else { return [:] }
        return [PodKeys.reservationID: JSON(reservation.id), PodKeys.seal: JSON(seal)]
    }
}

extension JSONObject {
    /// The traits with `marks` among the annotations that KubeSpawner puts on the pod.
    func marking(pod marks: JSONObject) -> JSONObject {
        guard !marks.isEmpty else { return self }
        let trait = "extra_annotations"
        var traits = self
        var annotations = traits[trait]?.object ?? [:]
        annotations.merge(marks)
        traits[trait] = JSON(annotations)
        return traits
    }
}
