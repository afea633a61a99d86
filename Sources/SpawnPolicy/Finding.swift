// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// What a rule answered, and which line of the file decided it. For operators: it names groups and roles.
package struct Finding: Sendable, Hashable {
    package let verdict: Verdict
    /// The innermost rule that settled the answer; the whole rule where all its members were needed.
    package let rule: Rule
    /// Whether an odd number of `not` stands around `rule`.
    package let isNegated: Bool

    package var line: Int { rule.line }

    /// "line 41: needs role gpu-user; the claim for roles is missing, so this is unknown and does not allow".
    package var sentence: String { (line > 0 ? "line \(line): " : "") + words }

    private var words: String {
        switch rule.test {
        case .everyone: isNegated ? "nobody is allowed" : "everyone is allowed"
        case .any(let rules): composite(rules, joint: "one", whenEmpty: isNegated ? "everyone" : "nobody")
        case .all(let rules): composite(rules, joint: "each", whenEmpty: isNegated ? "nobody" : "everyone")
        default: "\(isNegated ? "must not have" : "needs") \(rule.test.thing); \(fact)"
        }
    }

    private var fact: String {
        switch isNegated ? verdict.negated : verdict {
        case .yes: "the user has it"
        case .no: "the user does not have it"
        case .unknown where rule.test.isOfStart: "known once something is chosen"
        case .unknown: "\(rule.test.source) is missing, so this is unknown and does not allow"
        }
    }

    private func composite(_ rules: [Rule], joint: String, whenEmpty: String) -> String {
        if rules.isEmpty { return "the list is empty: \(whenEmpty) is allowed" }
        let holds = (isNegated ? verdict.negated : verdict) == .yes
        let count = holds ? "\(joint) of them holds" : joint == "one" ? "none of them holds" : "not all of them hold"
        return "\(isNegated ? "must not meet" : "must meet") \(joint) of \(rules.count) conditions; \(count)"
    }
}

extension Evaluation {
    /// The same verdict as `verdict(of:)`, with what decided it.
    package func finding(of rule: Rule) -> Finding { finding(of: rule, isNegated: false) }

    private func finding(of rule: Rule, isNegated: Bool) -> Finding {
        switch rule.test {
        case .not(let inner): finding(of: inner, isNegated: !isNegated)
        case .any(let rules): decider(in: rules, of: rule, isNegated: isNegated, settles: .yes)
        case .all(let rules): decider(in: rules, of: rule, isNegated: isNegated, settles: .no)
        default: found(verdict(of: rule), by: rule, isNegated: isNegated)
        }
    }

    /// The first member that answers `settles` decides; failing that, the first unknown one; failing that, all did.
    private func decider(in rules: [Rule], of whole: Rule, isNegated: Bool, settles: Verdict) -> Finding {
        let verdicts = rules.map(verdict(of:))
        if let place = verdicts.firstIndex(of: settles) ?? verdicts.firstIndex(of: .unknown) {
            return finding(of: rules[place], isNegated: isNegated)
        }
        if rules.count == 1 { return finding(of: rules[0], isNegated: isNegated) }
        return found(settles.negated, by: whole, isNegated: isNegated)
    }

    private func found(_ verdict: Verdict, by rule: Rule, isNegated: Bool) -> Finding {
        Finding(verdict: isNegated ? verdict.negated : verdict, rule: rule, isNegated: isNegated)
    }
}

extension Rule.Test {
    /// What the rule asks for, as the object of a sentence.
    fileprivate var thing: String {
        switch self {
        case .role(let name): "role \(name)"
        case .group(let name): "group \(name)"
        case .entitlement(let name): "entitlement \(name)"
        case .user(let name): "the user name \(name)"
        case .admin(let wanted): wanted ? "admin rights on the hub" : "no admin rights on the hub"
        case .deployment(let name): "deployment \(name)"
        case .claim(let path, let wanted): "claim \(pointer(path)) with value \(wanted.text)"
        case .claimPresent(let path): "claim \(pointer(path))"
        case .claimNumber(let path, let bound): "claim \(pointer(path)) \(bound.words)"
        case .claimMatches(let path, let pattern): "claim \(pointer(path)) that matches \(pattern.text)"
        case .claimElement(let path, let rule): "an element of claim \(pointer(path)) with: \(rule.test.thing)"
        case .matches(.user, let pattern): "a user name that matches \(pattern.text)"
        case .matches(let names, let pattern): "a \(names.rawValue) that matches \(pattern.text)"
        case .profile(let slugs): "profile \(slugs.joined(separator: " or "))"
        case .chosen(let option, let ids): "\(option) \(ids.joined(separator: " or ")) chosen"
        case .any(let rules): rules.map(\.test.thing).joined(separator: " or ")
        case .all(let rules): rules.map(\.test.thing).joined(separator: " and ")
        case .not(let rule): "not \(rule.test.thing)"
        case .everyone: "this condition"
        }
    }

    fileprivate var isOfStart: Bool {
        switch self {
        case .profile, .chosen: true
        default: false
        }
    }

    /// Where the answer would have come from.
    fileprivate var source: String {
        switch self {
        case .role, .matches(.role, _): "the claim for roles"
        case .group, .matches(.group, _): "the claim for groups"
        case .entitlement, .matches(.entitlement, _): "the claim for entitlements"
        case .claimNumber: "the claim, or a number in it,"
        case .claimElement: "the claim, or what is asked of its elements,"
        case .claim, .claimPresent, .claimMatches: "the claim"
        default: "the information"
        }
    }
}

extension Rule.Bound {
    fileprivate var words: String {
        let relation = self.relation.rawValue.replacing("_", with: " ")
        return "\(relation) \(limit.text)"
    }
}

/// RFC 6901 text, so that a member name with a dot in it reads as one name.
private func pointer(_ path: [String]) -> String { JSONPointer(tokens: path).description }
