// SPDX-License-Identifier: Apache-2.0

/// Groups that lend each other idle quota, looked at in one measure. The rules are those of Kueue's cohorts.
///
/// A lender always passes within its own nominal quota, also while others still have what it lent: nobody is stopped,
/// and what was borrowed ends soon by its shorter walltime.
struct Cohort {
    struct Member {
        let group: GroupQuota
        let use: QuotaAmounts

        init(_ group: GroupQuota, _ use: QuotaAmounts) {
            self.group = group
            self.use = use
        }
    }

    /// What others may have of what members leave idle.
    private let lendable: Int
    /// What members have above their own.
    private let borrowed: [String: Int]
    private let used: [String: Int]
    private let measure: QuotaMeasure

    /// Members without a limit in this measure have no quota of which anything could be idle.
    init(_ members: [Member], in measure: QuotaMeasure) {
        let limited = members.compactMap { member in
            member.group.nominal[measure].map { (member: member, nominal: $0, used: member.use[measure]) }
        }
        lendable = limited.reduce(0) { sum, one in
            sum + max(0, min(one.nominal - one.used, one.member.group.lend[measure] ?? .max))
        }
        borrowed = Dictionary(
            uniqueKeysWithValues: limited.map { ($0.member.group.name, max(0, $0.used - $0.nominal)) })
        used = Dictionary(uniqueKeysWithValues: limited.map { ($0.member.group.name, $0.used) })
        self.measure = measure
    }

    /// Whether `group`, a member, may have `asked` more.
    func admits(_ asked: Int, for group: GroupQuota) -> Bool {
        guard let nominal = group.nominal[measure], let used = used[group.name] else { return true }
        let above = used + asked - nominal
        guard above > 0 else { return true }
        guard above <= group.borrow[measure] ?? .max else { return false }
        let byOthers = borrowed.reduce(0) { $0 + ($1.key == group.name ? 0 : $1.value) }
        // What the group itself has idle it does not borrow.
        let ownIdle = max(0, min(nominal - used, group.lend[measure] ?? .max))
        return above + byOthers <= lendable - ownIdle
    }
}
