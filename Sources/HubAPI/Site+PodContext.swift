// SPDX-License-Identifier: Apache-2.0
package import Configuration
import GPULedger
import JSONTree
package import PodPatching
package import SpawnModel

extension Site {
    /// `manifest` with everything in place that the configuration and `reservation` ask for, where it mounts no overlay.
    ///
    /// - Parameter cluster: what is known of it now.
    func patched(
        _ manifest: JSON, under reservation: Reservation, in cluster: ClusterFacts
    ) throws(Problem) -> PatchedPod {
        let context = try podContext(of: reservation, in: cluster, for: manifest)
        do { return try pod.patch(manifest, for: context) } catch { throw Problem(error) }
    }

    /// The same up to where the overlay is mounted.
    func begun(
        _ manifest: JSON, under reservation: Reservation, in cluster: ClusterFacts
    ) throws(Problem) -> BegunPod {
        let context = try podContext(of: reservation, in: cluster, for: manifest)
        do { return try BegunPod(manifest, by: pod, for: context) } catch { throw Problem(error) }
    }

    private func podContext(
        of reservation: Reservation, in cluster: ClusterFacts, for manifest: JSON
    ) throws(Problem) -> PodContext {
        let name = manifest["metadata"]?["name"]?.string
        var context = try podContext(of: reservation, sealed: try seal(of: reservation, pod: name), in: cluster)
        context.ownerSeal = ownerSeal(of: context, pod: name)
        return context
    }

    /// What the pod of `reservation` is patched with: its own terms, and the pool as it is configured now.
    func podContext(
        of reservation: Reservation, sealed seal: String? = nil, in cluster: ClusterFacts = .unknown
    ) throws(Problem) -> PodContext {
        guard let terms = SessionTerms(reservation.terms) else {
            throw Problem(
                status: 500, code: "ledger-terms-unreadable",
                detail: "reservation \(reservation.id) holds terms that this version cannot read",
                userMessage: "Your server cannot be started again under its old terms. Stop it and start a new one.")
        }
        return PodContext(
            server: reservation.server, reservationID: reservation.id, seal: seal, profile: terms.profile,
            gpu: try podGPU(reservation.gpu, placement: reservation.placement),
            walltime: reservation.charge?.borrowed?.walltime ?? terms.walltime,
            extensionMost: terms.extending?.most ?? .zero, idle: terms.idle, tokens: terms.tokens, posix: terms.posix,
            placement: terms.placement, changes: terms.changes,
            switches: terms.switches, cluster: cluster)
    }

    /// What a pod would be patched with if `grant` were reserved now; nothing is.
    package func podContext(of grant: Grant, for server: ServerID) throws(Problem) -> PodContext {
        PodContext(
            server: server, reservationID: "not-reserved", profile: grant.profile,
            gpu: try podGPU(grant.gpu, placement: []), walltime: grant.walltime,
            extensionMost: grant.extending?.most ?? .zero, idle: grant.idle, tokens: grant.tokens,
            posix: grant.posix, placement: grant.placement, changes: grant.changes, switches: grant.switches)
    }

    /// From the end of a reservation's walltime to the deadline that its pod was made with.
    package func deadlineSlack(of reservation: Reservation) -> Duration {
        pod.deadlineSlack(usersMost: SessionTerms(reservation.terms)?.extending?.most ?? .zero)
    }

    /// What the pod of `reservation` asks for once it is patched.
    package func gpuAsks(under reservation: Reservation) throws(Problem) -> Set<GPUAsk> {
        let context = try podContext(of: reservation)
        do { return try pod.gpuAsks(for: context) } catch { throw Problem(error) }
    }

    func podGPU(
        _ request: GPURequest?, placement: [Reservation.Placement]
    ) throws(Problem) -> PodContext.GPU? {
        guard let request else { return nil }
        guard let pool = inventory.pools.first(where: { $0.name == request.pool }) else {
            throw Problem(
                status: 409, code: "pool-removed", detail: "pool `\(request.pool)` is no longer configured",
                userMessage: "The kind of GPU that you chose has just been withdrawn. Open the form again and choose "
                    + "another.")
        }
        return PodContext.GPU(pool: pool, amount: request.amount, placement: placement)
    }
}
