// SPDX-License-Identifier: Apache-2.0
import Configuration
import JSONTree
import Kubernetes
import PodPatching
import SidecarTokens
import SpawnModel

extension HubRoutes {
    /// Makes the Secret that the pod's sidecars prove themselves by; the pod would hang without it.
    ///
    /// Its content is the same each time, and good until the reservation ends.
    func makeCredential(for pod: JSON, under reservation: Reservation, at site: Site) async throws(Problem) {
        guard let objects, let credential = try site.credential(of: reservation, for: pod) else { return }
        do throws(ObjectFault) {
            _ = try await objects.make([credential], for: reservation, part: "credential")
        } catch {
            throw Problem(error)
        }
    }
}

extension Site {
    /// Nil where the pod gets no sidecars, or nobody signs for them.
    fileprivate func credential(of reservation: Reservation, for manifest: JSON) throws(Problem) -> SessionObject? {
        guard let tokens = sidecarTokens, let name = credentialName(of: reservation),
            let secret = try pod.credentialSecret(for: podContext(of: reservation)), let namespace = name.namespace
        else { return nil }
        guard let pod = manifest["metadata"]?["name"]?.string, !pod.isEmpty else {
            throw .malformed("pod.metadata.name", "is missing: the sidecars' credential is for one pod")
        }
        let pass = SidecarPass(
            reservationID: reservation.id, deployment: reservation.server.deployment, namespace: namespace, pod: pod)
        let server = reservation.server
        let metadata: JSON = [
            "name": JSON(name.name), "namespace": JSON(namespace),
            "labels": [
                ObjectLabel.object: JSON(ObjectLabel.credential),
                ObjectLabel.lifetime: JSON(SessionObject.Lifetime.session.rawValue),
                ObjectLabel.user: JSON(SafeName.label(server.user)),
                ObjectLabel.server: JSON(SafeName.label(server.name)),
            ],
        ]
        let manifest: JSON = [
            "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "immutable": true,
            "stringData": [secret.key: JSON(tokens.credential(for: pass))],
        ]
        return SessionObject(key: ObjectLabel.credential, lifetime: .session, manifest: manifest)
    }

    /// Where the credential of its pod lies, if there is one.
    func credentialName(of reservation: Reservation) -> ObjectName? {
        guard let namespace = deployment(reservation.server.deployment)?.namespace,
            let context = try? podContext(of: reservation), let secret = pod.credentialSecret(for: context)
        else { return nil }
        return ObjectName(.secret, in: namespace, secret.name)
    }
}
