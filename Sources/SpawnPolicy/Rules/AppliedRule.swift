// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// A rule that has a say in a start.
struct AppliedRule: Sendable {
    let rule: SiteRule
    /// Whether it holds for certain. Of one that may hold, only what restricts applies.
    let isCertain: Bool
    let matches: [Match]
    /// Why its matches cannot be used; the start is refused then.
    let fault: ValueError?
}

extension Policy {
    /// The rules that set something for this start, in the order in which they apply.
    func applied(_ evaluation: Evaluation) -> [AppliedRule] { applied(evaluation, among: tables.rules.inOrder) }

    /// - Parameter places: in the order in which they apply. Those left out still stand in the way of others that are
    ///   exclusive with them.
    func applied(_ evaluation: Evaluation, among places: [Int]) -> [AppliedRule] {
        var winners: [String: [Int: Verdict]] = [:]
        return places.compactMap { place in
            guard let exclusive = rules[place].exclusive else {
                return applied(rules[place], evaluation.verdict(of: rules[place].when), evaluation)
            }
            if winners[exclusive] == nil { winners[exclusive] = strongest(of: exclusive, evaluation) }
            return applied(rules[place], winners[exclusive]?[place] ?? .no, evaluation)
        }
    }

    /// The first rule of the group that holds, and those before it that may.
    private func strongest(of exclusive: String, _ evaluation: Evaluation) -> [Int: Verdict] {
        var found: [Int: Verdict] = [:]
        for place in tables.rules.exclusives[exclusive] ?? [] {
            let verdict = evaluation.verdict(of: rules[place].when)
            if verdict != .no { found[place] = verdict }
            if verdict == .yes { break }
        }
        return found
    }

    private func applied(_ rule: SiteRule, _ verdict: Verdict, _ evaluation: Evaluation) -> AppliedRule? {
        guard verdict == .yes || verdict == .unknown && rule.set.restricts else { return nil }
        guard verdict == .yes, let forEach = rule.forEach else {
            return AppliedRule(rule: rule, isCertain: verdict == .yes, matches: [], fault: nil)
        }
        do throws(ValueError) {
            let matches = try forEach.matches(evaluation)
            return matches.isEmpty ? nil : AppliedRule(rule: rule, isCertain: true, matches: matches, fault: nil)
        } catch {
            return AppliedRule(rule: rule, isCertain: true, matches: [], fault: error)
        }
    }

    /// The first rule that refuses this start, its choices included.
    func refusing(_ evaluation: Evaluation) -> SiteRule? {
        tables.rules.refusing.lazy.map { rules[$0] }.first { evaluation.verdict(of: $0.when) != .no }
    }
}

extension SetBlock {
    /// Whether it holds something that only takes away.
    var restricts: Bool { walltime?.isLowering == true || idle?.isLowering == true }
}
