// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Identity
import SpawnModel

extension Reading {
    mutating func quotas(_ root: Item) -> Quotas {
        var quotas = Quotas()
        for (name, pool) in root["pools"]?.members ?? [] {
            if let list = pool["waiting_list"], list.isMapping { quotas.waitingLists[name] = waitingList(list) }
        }
        guard let item = root["quotas"], item.isMapping else { return quotas }
        quotas.period = item.text("period").flatMap(QuotaPeriod.init) ?? quotas.period
        quotas.borrowedWalltime = item.span("borrowed_walltime") ?? quotas.borrowedWalltime
        if let user = item["user"] { quotas.user = limits(user) }
        quotas.users = table(item["users"]) { reading, limits, _ in reading.limits(limits) }
        quotas.groups = groups(item["groups"])
        if let nobodys = item["without_group"] { quotas.withoutGroup = limits(nobodys) }
        refuseUnknownKeys(item["deployments"], names.deployments, "deployment", "Define it under `deployments`.")
        quotas.deployments = table(item["deployments"]) { reading, item, _ in
            let priority = item.integer("priority") ?? 0
            return DeploymentQuota(
                limits: reading.limits(item, saysMore: item["priority"] != nil), priority: priority)
        }
        refuseUnknownKeys(item["pools"], names.pools, "pool", "Define it under `pools`.")
        quotas.pools = table(item["pools"]) { reading, limits, _ in reading.limits(limits) }
        return quotas
    }

    private mutating func table<Value>(
        _ item: Item?, _ read: (inout Reading, Item, String) -> Value
    ) -> [String: Value] {
        let members = (item?.members ?? []).map { ($0.key, read(&self, $0.item, $0.key)) }
        return Dictionary(members, uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter saysMore: whether it is there for something beside its limits.
    private mutating func limits(_ item: Item, saysMore: Bool = false) -> QuotaLimits {
        let limits = QuotaLimits(
            sessions: item.integer("sessions"), milliCards: item.integer("milli_cards"),
            memory: item.memory("memory"),
            gpuHours: item.integer("gpu_hours"))
        if limits == QuotaLimits(), !saysMore, item.isMapping, item.members.isEmpty {
            warn(
                item, "limits nothing: a limit that is not written is no limit",
                "Write `sessions: 0` if nothing is to be allowed.", atKey: true)
        }
        return limits
    }

    private mutating func groups(_ item: Item?) -> [GroupQuota] {
        let members = item?.members ?? []
        let cohorts = members.compactMap { $0.item.text("cohort") }
        return members.filter { $0.item.isMapping }.map { name, group in
            checkCohort(group, cohorts)
            let nominal = limits(group, saysMore: !group.members.isEmpty)
            return GroupQuota(
                name: wanted.alternatives(to: name, as: .groups).first ?? name, nominal: nominal,
                cohort: group.text("cohort"), borrow: bound(group["borrow"], of: nominal),
                lend: bound(group["lend"], of: nominal), weight: group.integer("weight") ?? 1)
        }
    }

    /// Of what has no limit nothing is above it, and nothing is left idle.
    private mutating func bound(_ item: Item?, of nominal: QuotaLimits) -> QuotaLimits {
        guard let item, item.isMapping else { return QuotaLimits() }
        let bound = limits(item)
        for (key, measure) in Self.measures where bound[measure] != nil && nominal[measure] == nil {
            guard let written = item[key] else { continue }
            fault(
                written, "says how far `\(key)` are shared, and the group has no limit on them",
                "Write the group's own `\(key)`, or remove it here.", atKey: true)
        }
        return bound
    }

    private static let measures: [(String, QuotaMeasure)] = [
        ("sessions", .sessions), ("milli_cards", .milliCards), ("memory", .memory), ("gpu_hours", .gpuHours),
    ]

    private mutating func checkCohort(_ group: Item, _ cohorts: [String]) {
        guard let cohort = group["cohort"] else {
            for key in ["borrow", "lend"] {
                guard let written = group[key] else { continue }
                fault(
                    written, "`\(key)` goes with `cohort`: the group shares with nobody",
                    "Name the cohort that it shares with, or remove it.", atKey: true)
            }
            return
        }
        guard let name = cohort.text, cohorts.count(where: { $0 == name }) == 1 else { return }
        warn(
            cohort, "no other group is in the cohort \(quoted(name)), so that there is nobody to share with",
            "Name the same cohort in another group, or remove it.")
    }

    private mutating func refuseUnknownKeys(_ item: Item?, _ known: [String], _ noun: String, _ defineIt: String) {
        for (name, member) in item?.members ?? [] where !known.contains(name) {
            fault(
                member, "\(quoted(name)) is not a \(noun)", Reading.remedy(name, known, defineIt), atKey: true)
        }
    }

    private func waitingList(_ item: Item) -> WaitingListTerms {
        WaitingListTerms(
            max: item.integer("max") ?? 50, ticketTTL: item.span("ticket_ttl") ?? .seconds(90),
            claimWindow: item.span("claim_window") ?? .seconds(60))
    }
}
