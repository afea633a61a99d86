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
    /// Sees to it that the object with the pod's passwd and group files stands in the cluster, and names it; nil where the
    /// pod gets none.
    func overlay(_ call: HubCall, _ reservation: Reservation) async throws(Problem) -> PodOverlay? {
        try await overlay(of: try call.pod(), under: reservation, at: call.site, makes: true)
    }

    /// `pod` as it should be made under `reservation`.
    ///
    /// - Parameter makes: whether what the pod mounts is made in the cluster where it is not there yet.
    package func patched(
        _ pod: JSON, under reservation: Reservation, at site: Site, makes: Bool
    ) async throws(Problem) -> PatchedPod {
        let overlay = try await overlay(of: pod, under: reservation, at: site, makes: makes)
        return try site.patched(pod, under: reservation, in: clusterFacts(), overlay)
    }

    private func overlay(
        of pod: JSON, under reservation: Reservation, at site: Site, makes: Bool
    ) async throws(Problem) -> PodOverlay? {
        guard let terms = site.directory?.overlay, let namesake = SessionTerms(reservation.terms)?.namesake
        else { return nil }
        let deployment = site.deployment(reservation.server.deployment)
        guard let objects, let namespace = deployment?.namespace else { throw .overlayWithoutCluster }
        // Each number that the pod carries gets a name, whoever gave it.
        let gids = try site.patched(pod, under: reservation, in: clusterFacts()).pod.gids
        do throws(OverlayFault) {
            let (name, files) = try await objects.overlay(
                of: namesake, gids: gids, terms, in: namespace, at: now(), makes: makes)
            return PodOverlay(
                object: name, files: files,
                variables: terms.variables.map {
                    PodTerms.EnvironmentVariable($0.rawValue, $0.value(for: namesake.account))
                })
        } catch {
            throw Problem(error)
        }
    }
}

extension JSON {
    /// The group ids that a pod's manifest names, in its own security context and its containers'.
    fileprivate var gids: [Int] {
        let contexts = ["containers", "initContainers", "ephemeralContainers"].flatMap { list in
            (self["spec"]?[list]?.array ?? []).map { $0["securityContext"] }
        }
        let pod = self["spec"]?["securityContext"]
        let single = contexts.map { $0?["runAsGroup"] } + [pod?["runAsGroup"], pod?["fsGroup"]]
        let all = single.compactMap(\.self) + (pod?["supplementalGroups"]?.array ?? [])
        return Set(all.compactMap(\.int)).sorted()
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
