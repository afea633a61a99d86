// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What is worked out of the rules once. All lists hold places in `Policy.rules`.
struct RuleTables: Sendable {
    /// Rules that set something, the strongest last.
    let inOrder: [Int]
    /// Those of them that say how long a server may run or be idle.
    let limiting: [Int]
    /// Whether that can be another time for another profile.
    let limitsDiffer: Bool
    let granting: [Int]
    let refusing: [Int]
    /// For each word of `exclusive`, its rules, the strongest first.
    let exclusives: [String: [Int]]

    init(_ rules: [SiteRule]) {
        let places = rules.indices
        let inOrder = places.filter { !rules[$0].set.isEmpty }.sorted {
            (rules[$0].priority, $0) < (rules[$1].priority, $1)
        }
        let limiting = inOrder.filter { rules[$0].set.walltime != nil || rules[$0].set.idle != nil }
        granting = places.filter { rules[$0].grants != nil }
        refusing = places.filter { rules[$0].refusal != nil }
        let grouped = Dictionary(grouping: places.filter { rules[$0].exclusive != nil }) { rules[$0].exclusive ?? "" }
        let exclusives = grouped.mapValues { places in
            places.sorted { (-rules[$0].priority, $0) < (-rules[$1].priority, $1) }
        }
        let rivals = limiting.flatMap { rules[$0].exclusive.flatMap { exclusives[$0] } ?? [$0] }
        (self.inOrder, self.limiting, self.exclusives) = (inOrder, limiting, exclusives)
        limitsDiffer = rivals.contains { rules[$0].when.asksForProfile || rules[$0].when.asksForChoice }
    }
}

extension Policy {
    /// Who `subject` is under this policy: each rule that grants sees what those above it gave.
    func evaluation(of subject: Subject) -> Evaluation {
        var evaluation = Evaluation(of: subject)
        for place in tables.rules.granting {
            guard let granted = rules[place].grants, evaluation.allows(rules[place].when) else { continue }
            evaluation.granted.add(granted)
        }
        return evaluation
    }
}

extension SiteRule.Granted {
    fileprivate mutating func add(_ other: SiteRule.Granted) {
        isAdmin = isAdmin || other.isAdmin
        isExempt = isExempt || other.isExempt
        roles += other.roles
        groups += other.groups
        entitlements += other.entitlements
    }
}
