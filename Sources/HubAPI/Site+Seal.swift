// SPDX-License-Identifier: Apache-2.0
package import Configuration
import JSONTree
import PodPatching
package import Sealing
package import SpawnModel

extension Site {
    /// What ties the pod called `pod` to `reservation`; nil where nothing is sealed: without a key, without a namespace
    /// for the hub's pods, or for a pod that has no name yet.
    package func sealedFacts(of reservation: Reservation, pod: String?) throws(Problem) -> SealedFacts? {
        let name = reservation.server.deployment
        guard sealKeys != nil, let pod, let namespace = deployment(name)?.namespace else { return nil }
        var gpu: SealedFacts.GPU?
        if let held = try podGPU(reservation.gpu, placement: reservation.placement) {
            gpu = try SealedFacts.GPU(held)
        }
        return SealedFacts(
            reservationID: reservation.id, deployment: name, namespace: namespace, pod: pod, gpu: gpu)
    }

    /// What says whose pod it is; nil where nothing is sealed, and for a pod without a GPU.
    func ownerSeal(of context: PodContext, pod: String?) -> String? {
        let server = context.server
        guard let sealKeys, let pod, let gpu = context.gpu, let namespace = deployment(server.deployment)?.namespace
        else { return nil }
        return sealKeys.seal(
            SealedOwner(
                reservationID: context.reservationID, deployment: server.deployment, namespace: namespace, pod: pod,
                user: server.user, server: server.name, pool: gpu.pool.name, amount: gpu.amount.annotation,
                walltimeSeconds: context.walltime.map(\.wholeSeconds)))
    }

    func seal(of reservation: Reservation, pod: String?) throws(Problem) -> String? {
        guard let facts = try sealedFacts(of: reservation, pod: pod) else { return nil }
        return sealKeys?.seal(facts)
    }
}

extension SealedFacts.GPU {
    init(_ gpu: PodContext.GPU) throws(Problem) {
        let resource: ReservedResource
        do { resource = try ReservedResource(gpu) } catch { throw Problem(error) }
        var limitMiB: Int?
        if case .share(_, let limit) = gpu.amount { limitMiB = limit.count }
        self.init(pool: gpu.pool.name, resource: resource.name, count: resource.count, limitMiB: limitMiB)
    }
}
