// SPDX-License-Identifier: Apache-2.0
package import GPULedger
package import HTTPClient
import JSONTree
import JupyterHub
package import Kubernetes
package import Logging
import PodPatching
package import SpawnModel
import Synchronization

/// Ends servers whose time is over, for as long as this replica leads: also those whose sidecar is gone.
package final class EndKeeper: Sendable {
    private let ledger: Ledger
    private let asking: any WebAsking
    private let cluster: Cluster?
    private let limits: EndLimits
    private let now: @Sendable () -> Instant
    private let setting: @Sendable () -> EndSetting
    private let log: Logger
    private let metrics = EndMetrics()
    private let records = Mutex<[String: EndPlan.Record]>([:])

    /// - Parameters:
    ///   - cluster: nil where the hubs run their servers themselves.
    ///   - setting: what the configuration in force says.
    package init(
        _ ledger: Ledger, asking: any WebAsking, in cluster: Cluster?, limits: EndLimits = EndLimits(), _ log: Logger,
        now: @escaping @Sendable () -> Instant, setting: @escaping @Sendable () -> EndSetting
    ) {
        self.ledger = ledger
        self.asking = asking
        self.cluster = cluster
        self.limits = limits
        self.now = now
        self.setting = setting
        self.log = log
    }

    /// - Parameter isHeld: whether this replica leads at this moment.
    package func lead(while isHeld: @escaping @Sendable () -> Bool) async {
        while isHeld(), !Task.isCancelled {
            await round(setting())
            try? await Task.sleep(for: limits.every)
        }
        records.withLock { $0 = [:] }
    }

    func round(_ setting: EndSetting) async {
        let due: [Reservation]
        do { due = try await ledger.due(now: now(), most: limits.sessionsMost) } catch {
            log.error("ends of walltimes cannot be read", metadata: ["detail": .string("\(error)")])
            return
        }
        metrics.noteDue(due.count)
        let plan = EndPlan(
            due, records: records.withLock(\.self),
            ways: { setting.ways(of: $0, inCluster: cluster != nil) }, limits: limits, now: .now)
        records.withLock { $0 = plan.records }
        try? await Crew.work(
            on: plan.steps, atOnce: limits.atOnce,
            doing: { [self] step throws(UpkeepError) in await take(step, setting) }, noting: { _ in })
    }

    private func take(_ step: EndPlan.Step, _ setting: EndSetting) async {
        guard let deployment = setting.deployments[step.reservation.server.deployment] else { return }
        switch step.kind {
        case .askHub: if let hub = deployment.hub { await ask(Hub(hub, asking: asking), step.reservation) }
        case .deletePod:
            if let namespace = deployment.namespace { await deletePods(of: step.reservation, in: namespace) }
        }
    }

    private func ask(_ hub: Hub, _ reservation: Reservation) async {
        do throws(HubFault) {
            let answer = try await hub.stop(reservation.server)
            metrics.note(.hubAsked)
            if answer == .unknown { records.withLock { $0[reservation.id]?.isUnknownToHub = true } }
            note(
                reservation,
                answer == .unknown ? "walltime over: the hub does not know it" : "walltime over: the hub stops it")
        } catch {
            metrics.note(.hubFailed)
            log.warning(
                "a hub does not stop a server whose walltime is over",
                metadata: facts(reservation, ["reason": .string("\(error)")]))
        }
    }

    private func deletePods(of reservation: Reservation, in namespace: String) async {
        guard let cluster else { return }
        do throws(KubernetesError) {
            for pod in try await cluster.pods(of: reservation.id, in: namespace) {
                guard try await cluster.delete(pod.name, uid: pod.uid) else { continue }
                metrics.note(.podDeleted)
                log.notice(
                    "walltime over: the hub has not stopped it, so its pod is deleted",
                    metadata: facts(reservation, ["pod": .string("\(pod.name)")]))
            }
        } catch {
            metrics.note(.podFailed)
            log.error(
                "a pod whose walltime is over cannot be deleted",
                metadata: facts(reservation, ["reason": .string("\(error)")]))
        }
    }

    private func note(_ reservation: Reservation, _ message: Logger.Message) {
        log.notice(message, metadata: facts(reservation))
    }

    private func facts(_ reservation: Reservation, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        let server = reservation.server
        let facts: Logger.Metadata = [
            "reservation_id": .string(reservation.id), "deployment": .string(server.deployment),
            "user": .string(server.user), "server": .string(server.name),
        ]
        return facts.merging(more) { own, _ in own }
    }
}

extension Cluster {
    /// Those that were patched for the reservation and are not being deleted.
    fileprivate func pods(
        of reservation: String, in namespace: String
    ) async throws(KubernetesError) -> [(name: ObjectName, uid: String)] {
        var found: [(ObjectName, String)] = []
        try await list(.pod, in: namespace, metadataOnly: true) { page in
            if page.isFirst { found = [] }
            for metadata in page.items.compactMap({ $0["metadata"] })
            where metadata["annotations"]?[PodKeys.reservationID]?.string == reservation
                && metadata["deletionTimestamp"] == nil
            {
                guard let name = metadata["name"]?.string, let uid = metadata["uid"]?.string else { continue }
                found.append((ObjectName(.pod, in: namespace, name), uid))
            }
        }
        return found
    }
}
