// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

/// What quotas say of one request, and what it counts for.
enum Admission {
    case admitted(Charge)
    case refused(Shortage)
}

extension LedgerRows {
    /// Asks quotas, in the transaction that grants.
    ///
    /// - Parameter formers: what the server's earlier starts hold. They count as gone: the pod of a new start cannot be
    ///   before the old one has gone.
    func admit(
        _ request: ReservationRequest, _ demand: Demand, under quotas: Quotas, replacing formers: Formers
    ) throws(StorageError) -> Admission {
        let payers = quotas.payers(among: request.groups, named: request.payer)
        var use: [QuotaScope: QuotaAmounts] = [:]
        for scope in Set(scopes(of: request, demand, payers, quotas)) where !quotas.limits(of: scope).isEmpty {
            use[scope] = try self.use(
                in: scope, since: quotas.period.start(of: request.now), now: request.now,
                besides: formers.yielding + formers.staying
            )
        }
        let gate = QuotaGate(quotas, use: use, now: request.now)
        let price = demand.price
        switch gate.verdict(on: price.asked, of: request.server, in: demand.pool.name, payers: payers) {
        case .admitted(let payer, let isBorrowed):
            return .admitted(price.charge(to: payer, borrowed: isBorrowed ? request.borrowing(under: quotas) : nil))
        case .refused(var shortage):
            if case .user = shortage.scope { shortage.ownServers = try serversWithGPU(of: request.server) }
            return .refused(Shortage(shortage, pool: demand.pool.name))
        }
    }

    private func scopes(
        of request: ReservationRequest, _ demand: Demand, _ payers: [String?], _ quotas: Quotas
    ) -> [QuotaScope] {
        QuotaGate.commonScopes(of: request.server, in: demand.pool.name)
            + payers.flatMap { payer in [.group(payer)] + quotas.cohort(of: payer).map { .group($0.name) } }
    }
}

extension ReservationRequest {
    fileprivate func borrowing(under quotas: Quotas) -> Charge.Borrowed {
        Charge.Borrowed(walltime: min(walltime ?? quotas.borrowedWalltime, quotas.borrowedWalltime), asked: walltime)
    }
}

extension Price {
    /// At the start nothing is used yet: any use at all must still be allowed.
    fileprivate var asked: QuotaAmounts {
        QuotaAmounts(sessions: 1, milliCards: milliCards, memory: memory, milliCardSeconds: 1)
    }
}

extension Shortage {
    fileprivate init(_ quota: QuotaShortage, pool: String) {
        self.init(
            pool: pool, reason: quota.reason, freeNow: 0, largestShareNow: nil, nextFreeBy: quota.resetsAt)
        self.quota = quota
    }
}

extension QuotaShortage {
    fileprivate var reason: Shortage.Reason {
        switch scope {
        case .user: .userQuota
        case .group: .groupQuota
        case .deployment: .deploymentQuota
        case .pool: .poolQuota
        }
    }
}
