// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What is worked out of the rules once. All lists hold places in `Policy.rules`.
struct RuleTables: Sendable {
    /// Rules that set something, the strongest last.
    let inOrder: [Int]
    let granting: [Int]
    let refusing: [Int]
    /// For each word of `exclusive`, its rules, the strongest first.
    let exclusives: [String: [Int]]

    init(_ rules: [SiteRule]) {
        let places = rules.indices
        inOrder = places.filter { !rules[$0].set.isEmpty }.sorted {
            (rules[$0].priority, $0) < (rules[$1].priority, $1)
        }
        granting = places.filter { rules[$0].grants != nil }
        refusing = places.filter { rules[$0].refusal != nil }
        let grouped = Dictionary(grouping: places.filter { rules[$0].exclusive != nil }) { rules[$0].exclusive ?? "" }
        exclusives = grouped.mapValues { places in
            places.sorted { (-rules[$0].priority, $0) < (-rules[$1].priority, $1) }
        }
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
    var count: Int { roles.count + groups.count + entitlements.count }

    fileprivate mutating func add(_ other: SiteRule.Granted) {
        isAdmin = isAdmin || other.isAdmin
        isExempt = isExempt || other.isExempt
        roles += other.roles
        groups += other.groups
        entitlements += other.entitlements
    }
}
