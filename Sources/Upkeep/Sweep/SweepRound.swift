// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Kubernetes
import SpawnModel

/// One look at all objects of starts, and the deletion of what is left over.
struct SweepRound {
    let cluster: Cluster
    let ledger: Ledger
    let setting: SweepSetting
    let limits: SweepLimits
    let writer: ObjectWriter

    /// Those that a policy makes for starts as a rule. Objects of other kinds go with their stop, or stay.
    private static let kinds: [ObjectKind] = [.secret, .configMap, .service, .persistentVolumeClaim]

    init(
        _ cluster: Cluster, _ ledger: Ledger, _ setting: SweepSetting, _ limits: SweepLimits,
        mayWrite: @escaping @Sendable () -> Bool
    ) {
        self.cluster = cluster
        self.ledger = ledger
        self.setting = setting
        self.limits = limits
        writer = ObjectWriter(cluster: cluster, patience: Patience(span: limits.patience), mayWrite: mayWrite)
    }

    /// Everything is read before anything is deleted: where one list or the ledger fails, nothing is.
    ///
    /// In this order: an object that is listed had its reservation before, and the pod of a reservation that has ended
    /// was made before that.
    func plan(_ since: [String: ContinuousClock.Instant]) async throws(UpkeepError) -> SweepPlan {
        let objects = try await listed()
        let states = try await states(of: Set(objects.map(\.reservationID)))
        let leftOver = objects.filter { $0.grace(states[$0.reservationID], in: setting, limits) != nil }
        let living = try await LivingPods.reservations(
            among: Set(leftOver.map(\.reservationID)), in: setting.namespaces, cluster, writer.patience)
        return SweepPlan(
            objects, states: states, living: living, since: since, in: setting, limits: limits, now: .now)
    }

    private func listed() async throws(UpkeepError) -> [ListedSessionObject] {
        var objects: [ListedSessionObject] = []
        for namespace in setting.namespaces {
            for kind in Self.kinds { objects += try await listed(kind, in: namespace) }
        }
        return objects
    }

    private func listed(
        _ kind: ObjectKind, in namespace: String
    ) async throws(UpkeepError) -> [ListedSessionObject] {
        try await writer.patience.call { () throws(KubernetesError) in
            var objects: [ListedSessionObject] = []
            try await cluster.list(
                kind, in: namespace, labels: ListedSessionObject.selector, metadataOnly: true
            ) { page in
                if page.isFirst { objects = [] }
                objects += page.items.compactMap { ListedSessionObject($0, kind, in: namespace) }
            }
            return objects
        }
    }

    private func states(of ids: Set<String>) async throws(UpkeepError) -> [String: Reservation.State] {
        do throws(LedgerError) { return try await ledger.states(of: ids) } catch { throw .ledger(error) }
    }

    /// - Parameter note: is told of each that is gone by this round's doing.
    func delete(
        _ objects: [ListedSessionObject], noting note: (ListedSessionObject) -> Void
    ) async throws(UpkeepError) {
        try await Crew.work(
            on: objects, atOnce: limits.writesAtOnce,
            doing: { object throws(UpkeepError) in
                try await writer.delete(object.name, uid: object.uid, resourceVersion: object.resourceVersion)
                    ? object : nil
            }, noting: { $0.map(note) })
    }
}
