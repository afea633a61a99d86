// SPDX-License-Identifier: Apache-2.0
package import Configuration
import Directory
import GPULedger
package import JSONTree
import Kubernetes
package import PodPatching
package import SpawnModel

extension Site {
    /// Whether pods of the reservation get passwd and group files.
    func mountsOverlay(under reservation: Reservation) -> Bool {
        directory?.overlay != nil && SessionTerms(reservation.terms)?.namesake != nil
    }
}

extension HubRoutes {
    /// Whether something that pods of the reservation mount is made in the cluster.
    func makesMounts(under reservation: Reservation, at site: Site) -> Bool {
        site.mountsOverlay(under: reservation) || objects != nil && site.pod.sidecars != nil
    }

    /// `pod` as it should be made under `reservation`.
    ///
    /// - Parameter makes: whether what the pod mounts is made in the cluster where it is not there yet.
    package func patched(
        _ pod: JSON, under reservation: Reservation, at site: Site, makes: Bool
    ) async throws(Problem) -> PatchedPod {
        if makes { try await makeCredential(for: pod, under: reservation, at: site) }
        guard let terms = site.directory?.overlay, let namesake = SessionTerms(reservation.terms)?.namesake else {
            return try site.patched(pod, under: reservation, in: clusterFacts())
        }
        let namespace = site.deployment(reservation.server.deployment)?.namespace
        guard let objects, let namespace else { throw .overlayWithoutCluster }
        var begun = try site.begun(pod, under: reservation, in: clusterFacts())
        let overlay: PodOverlay
        do throws(OverlayFault) {
            // Each number that the pod carries gets a name, whoever gave it.
            overlay = try await objects.overlay(
                of: namesake, gids: begun.gids, terms, in: namespace, at: now(), makes: makes)
        } catch {
            throw Problem(error)
        }
        do { return try begun.finish(mounting: overlay) } catch { throw Problem(error) }
    }
}

extension Problem {
    /// `berth check` refuses such a file; only one that waits for a restart comes here.
    fileprivate static var overlayWithoutCluster: Problem {
        Problem(
            status: 500, code: "overlay-without-cluster",
            detail:
                "`directory.overlay` makes objects, and needs `kubernetes` and the deployment's `namespace`: restart "
                + "Berth if they were written just now",
            userMessage: hubFaultMessage)
    }
}
