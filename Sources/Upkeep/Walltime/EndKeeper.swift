// SPDX-License-Identifier: Apache-2.0
package import GPULedger
package import HTTPClient
import JupyterHub
package import Kubernetes
package import Logging
package import SpawnModel
import Synchronization

/// Ends servers whose time is over, or which nobody uses, for as long as this replica leads: also those whose sidecar is gone.
package final class EndKeeper: Sendable {
    /// What is proven now to have been unused for too long.
    package typealias Idle = @Sendable () async -> [Reservation]

    private let ledger: Ledger
    private let asking: any WebAsking
    private let cluster: Cluster?
    private let limits: EndLimits
    private let now: @Sendable () -> Instant
    private let idle: Idle
    private let setting: @Sendable () -> EndSetting
    private let log: Logger
    private let metrics = EndMetrics()
    private let records = Mutex<[String: EndPlan.Record]>([:])

    /// - Parameters:
    ///   - cluster: nil where the hubs run their servers themselves.
    ///   - setting: what the configuration in force says.
    package init(
        _ ledger: Ledger, asking: any WebAsking, in cluster: Cluster?, limits: EndLimits = EndLimits(), _ log: Logger,
        now: @escaping @Sendable () -> Instant, idle: @escaping Idle, setting: @escaping @Sendable () -> EndSetting
    ) {
        self.ledger = ledger
        self.asking = asking
        self.cluster = cluster
        self.limits = limits
        self.now = now
        self.idle = idle
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
        let due = await due()
        metrics.noteDue(Dictionary(grouping: due, by: \.reason).mapValues(\.count))
        let plan = EndPlan(
            due, records: records.withLock(\.self),
            ways: { setting.ways(of: $0, inCluster: cluster != nil) }, limits: limits, now: .now)
        records.withLock { $0 = plan.records }
        let pods = await pods(of: plan.steps, setting)
        try? await Crew.work(
            on: plan.steps, atOnce: limits.atOnce,
            doing: { [self] step throws(UpkeepError) in await take(step, setting, pods) }, noting: { _ in })
    }

    /// Where the ledger cannot be read, nothing is known to live.
    private func due() async -> [EndPlan.Due] {
        let over: [Reservation]
        do { over = try await ledger.due(now: now(), most: limits.sessionsMost) } catch {
            log.error("ends of walltimes cannot be read", metadata: ["detail": .string("\(error)")])
            return []
        }
        let ids = Set(over.map(\.id))
        let unused = await idle().filter { !ids.contains($0.id) }.prefix(limits.sessionsMost)
        return over.map { .init($0, .walltime) } + unused.map { .init($0, .idle) }
    }

    private func take(_ step: EndPlan.Step, _ setting: EndSetting, _ pods: [String: [PodToEnd]]) async {
        let reservation = step.due.reservation
        switch step.kind {
        case .askHub:
            guard let hub = setting.deployments[reservation.server.deployment]?.hub else { return }
            await ask(Hub(hub, asking: asking), step.due)
        case .deletePod:
            for pod in pods[reservation.id] ?? [] { await delete(pod, step.due) }
        }
    }

    private func ask(_ hub: Hub, _ due: EndPlan.Due) async {
        guard await lives(due.reservation) else { return }
        do throws(HubFault) {
            let answer = try await hub.stop(due.reservation.server)
            metrics.note(.hubAsked, due.reason)
            if answer == .unknown { records.withLock { $0[due.reservation.id]?.isUnknownToHub = true } }
            log.notice(
                answer == .unknown ? "a server ends: the hub does not know it" : "a server ends: the hub stops it",
                metadata: facts(due))
        } catch {
            metrics.note(.hubFailed, due.reason)
            log.warning(
                "a hub does not stop a server that has to end", metadata: facts(due, ["detail": .string("\(error)")]))
        }
    }

    /// Hubs stop servers by their names: where it has ended meanwhile, another with its name may have been started.
    private func lives(_ reservation: Reservation) async -> Bool {
        (try? await ledger.reservation(reservation.id))?.state.holdsCapacity ?? false
    }

    /// Of the servers whose pods are to be deleted, by reservation. A namespace is listed once.
    private func pods(of steps: [EndPlan.Step], _ setting: EndSetting) async -> [String: [PodToEnd]] {
        guard let cluster else { return [:] }
        let wanted = steps.filter { $0.kind == .deletePod }.map(\.due.reservation)
        let byNamespace = Dictionary(grouping: wanted) { setting.deployments[$0.server.deployment]?.namespace }
        var found: [String: [PodToEnd]] = [:]
        for case (let namespace?, let reservations) in byNamespace {
            do throws(KubernetesError) {
                let pods = try await cluster.pods(of: Set(reservations.map(\.id)), in: namespace)
                found.merge(Dictionary(grouping: pods, by: \.reservationID)) { $0 + $1 }
            } catch {
                log.error(
                    "pods that have to end cannot be listed",
                    metadata: ["namespace": .string(namespace), "detail": .string("\(error)")])
            }
        }
        return found
    }

    private func delete(_ pod: PodToEnd, _ due: EndPlan.Due) async {
        do throws(KubernetesError) {
            guard let cluster, try await cluster.delete(pod.name, uid: pod.uid) else { return }
            metrics.note(.podDeleted, due.reason)
            log.notice(
                "a server ends: the hub has not stopped it, so its pod is deleted",
                metadata: facts(due, ["pod": .string("\(pod.name)")]))
        } catch {
            metrics.note(.podFailed, due.reason)
            log.error("a pod that has to end cannot be deleted", metadata: facts(due, ["detail": .string("\(error)")]))
        }
    }

    private func facts(_ due: EndPlan.Due, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        let server = due.reservation.server
        let facts: Logger.Metadata = [
            "reservation_id": .string(due.reservation.id), "deployment": .string(server.deployment),
            "user": .string(server.user), "server": .string(server.name), "reason": .string(due.reason.rawValue),
        ]
        return facts.merging(more) { own, _ in own }
    }
}
