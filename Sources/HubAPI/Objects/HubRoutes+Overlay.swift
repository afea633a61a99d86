// SPDX-License-Identifier: Apache-2.0
import Configuration
import Directory
import GPULedger
import JSONTree
import Kubernetes
import PodPatching
import SpawnModel

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
        guard let terms = call.site.directory?.overlay, let namesake = SessionTerms(reservation.terms)?.namesake
        else { return nil }
        guard let objects, let namespace = call.deployment.namespace else { throw .overlayWithoutCluster }
        // Each number that the pod carries gets a name, whoever gave it.
        let gids = try call.site.patched(try call.pod(), under: reservation, in: clusterFacts()).pod.gids
        do throws(OverlayFault) {
            let (name, files) = try await objects.overlay(of: namesake, gids: gids, terms, in: namespace, at: now())
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
            detail: "`directory.overlay` makes objects, and needs `kubernetes` and the deployment's `namespace`: restart "
                + "Berth if they were written just now",
            userMessage: hubFaultMessage)
    }
}
