// SPDX-License-Identifier: Apache-2.0
package import Configuration
package import GPULedger
package import JSONTree
import PodPatching
import Sealing
import SpawnModel

extension Site {
    /// A pod of the cluster as the ledger takes it: what it asks of GPUs, and its reservation where its seal proves that.
    /// Nil for a pod that has nothing to do with GPUs.
    package func seenPod(_ object: JSON) -> SeenPod? {
        let reading = PodReading(
            container: pod.container, reservationKey: PodKeys.reservationID, sealKey: PodKeys.seal)
        guard let seen = SeenPod(object, reading)?.asking(only: mayBeGPU) else { return nil }
        guard let marks = PodMarks(object), let claim = PodClaim(object, reading) else {
            return seen.asks.isEmpty ? nil : seen
        }
        guard let deployment = deployment(sealing: claim, of: seen, marks) else {
            return seen.asks.isEmpty ? nil : seen
        }
        return seen.belonging(to: claim.reservationID, proven(marks, claim.reservationID, of: seen, deployment))
    }

    private func mayBeGPU(_ resource: String) -> Bool {
        inventory.pools.contains { $0.resourceName == resource }
            || pod.gpuResourcePrefixes.contains(where: resource.hasPrefix)
    }

    /// Whose seal it is. A namespace may be several hubs'.
    private func deployment(sealing claim: PodClaim, of pod: SeenPod, _ marks: PodMarks) -> String? {
        guard let sealKeys else { return nil }
        let gpus = gpus(marks, of: pod)
        return deployments.filter { $0.namespace == pod.namespace }.map(\.name).first { name in
            gpus.contains { gpu in
                sealKeys.accept(
                    claim.seal,
                    for: SealedFacts(
                        reservationID: claim.reservationID, deployment: name, namespace: pod.namespace, pod: pod.name,
                        gpu: gpu))
            }
        }
    }

    /// What may have been sealed: by the pool as it is configured now, and by what the pod asks for, should the pool have
    /// been changed or taken away since.
    private func gpus(_ marks: PodMarks, of pod: SeenPod) -> [SealedFacts.GPU] {
        var gpus: [SealedFacts.GPU] = []
        if let held = try? podGPU(marks.gpu, placement: []), let gpu = try? SealedFacts.GPU(held) { gpus.append(gpu) }
        var limitMiB: Int?
        if case .share(_, let limit) = marks.gpu.amount { limitMiB = limit.count }
        for (resource, count) in pod.asks.sorted(by: { $0.key < $1.key }).prefix(4) {
            gpus.append(
                SealedFacts.GPU(pool: marks.gpu.pool, resource: resource, count: count, limitMiB: limitMiB))
        }
        return gpus
    }
}

extension Site {
    /// What the ledger may make a lost reservation of: nothing that whoever edits annotations could have written.
    private func proven(
        _ marks: PodMarks, _ reservationID: String, of pod: SeenPod, _ deployment: String
    ) -> SeenPod.Claim? {
        guard let user = marks.user, let seal = marks.ownerSeal else { return nil }
        let owner = SealedOwner(
            reservationID: reservationID, deployment: deployment, namespace: pod.namespace, pod: pod.name, user: user,
            server: marks.server, pool: marks.gpu.pool, amount: marks.gpu.amount.annotation,
            walltimeSeconds: marks.walltime.map(\.wholeSeconds))
        guard sealKeys?.accept(seal, for: owner) == true else { return nil }
        return SeenPod.Claim(
            server: ServerID(deployment: deployment, user: user, name: marks.server), gpu: marks.gpu,
            walltime: marks.walltime)
    }
}

/// What a pod's annotations say of what it was given.
private struct PodMarks {
    let gpu: GPURequest
    let walltime: Duration?
    /// As KubeSpawner writes them.
    let user: String?
    let server: String
    let ownerSeal: String?

    init?(_ object: JSON) {
        let annotations = object["metadata"]?["annotations"]
        guard let pool = annotations?[PodKeys.gpuPool]?.string,
            let amount = annotations?[PodKeys.gpuAmount]?.string.flatMap(GPUAmount.init(annotation:))
        else { return nil }
        gpu = GPURequest(pool: pool, amount: amount)
        walltime = annotations?[PodKeys.walltime]?.string.flatMap { Int64($0) }.map { .seconds($0) }
        user = annotations?["hub.jupyter.org/username"]?.string
        server = annotations?["hub.jupyter.org/servername"]?.string ?? ""
        ownerSeal = annotations?[PodKeys.ownerSeal]?.string
    }
}
