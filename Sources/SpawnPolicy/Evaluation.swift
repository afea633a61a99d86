// SPDX-License-Identifier: Apache-2.0
import JSONTree
package import SpawnModel

/// Answers rules for one subject; made once a request, so that each membership test is one look into a set.
package struct Evaluation {
    package let subject: Subject
    private let roles: Set<ExactText>?
    private let groups: Set<ExactText>?
    private let entitlements: Set<ExactText>?

    package init(of subject: Subject) {
        self.subject = subject
        roles = subject.roles.map(Self.exact)
        groups = subject.groups.map(Self.exact)
        entitlements = subject.entitlements.map(Self.exact)
    }

    /// Only a plain yes allows.
    package func allows(_ rule: Rule) -> Bool { verdict(of: rule) == .yes }

    /// Kleene's three-valued logic: what is unknown stays unknown through `not`, and through `any` and `all` unless
    /// another member decides.
    package func verdict(of rule: Rule) -> Verdict {
        switch rule.test {
        case .everyone: .yes
        case .role(let name): membership(of: name, in: roles)
        case .group(let name): membership(of: name, in: groups)
        case .entitlement(let name): membership(of: name, in: entitlements)
        case .user(let name): Verdict(ExactText(name) == ExactText(subject.name))
        case .admin(let wanted): Verdict(subject.isAdmin == wanted)
        case .deployment(let name): Verdict(name == subject.deployment)
        case .claim(let path, let wanted): claim(at: path, is: wanted)
        case .claimPresent(let path): presence(of: path)
        case .any(let rules): any(of: rules)
        case .all(let rules): all(of: rules)
        case .not(let rule): verdict(of: rule).negated
        }
    }

    private func any(of rules: [Rule]) -> Verdict {
        var answer = Verdict.no
        for rule in rules {
            switch verdict(of: rule) {
            case .yes: return .yes
            case .unknown: answer = .unknown
            case .no: continue
            }
        }
        return answer
    }

    private func all(of rules: [Rule]) -> Verdict {
        var answer = Verdict.yes
        for rule in rules {
            switch verdict(of: rule) {
            case .no: return .no
            case .unknown: answer = .unknown
            case .yes: continue
            }
        }
        return answer
    }

    private func membership(of name: String, in names: Set<ExactText>?) -> Verdict {
        guard let names else { return .unknown }
        return Verdict(names.contains(ExactText(name)))
    }

    private func claim(at path: [String], is wanted: JSON) -> Verdict {
        guard let value = value(at: path) else { return .unknown }
        if value.isEquivalent(to: wanted) { return .yes }
        return Verdict(value.array?.contains { $0.isEquivalent(to: wanted) } ?? false)
    }

    /// Without any claims nothing can be said about one being there.
    private func presence(of path: [String]) -> Verdict {
        guard subject.claims.object != nil else { return .unknown }
        return Verdict(value(at: path) != nil)
    }

    /// The claim's value; a null counts as missing.
    private func value(at path: [String]) -> JSON? {
        var value = subject.claims
        for name in path {
            guard let member = value[name] else { return nil }
            value = member
        }
        return value.isNull ? JSON?.none : value
    }

    private static func exact(_ names: [String]) -> Set<ExactText> { Set(names.lazy.map(ExactText.init)) }
}

extension Verdict {
    init(_ holds: Bool) { self = holds ? .yes : .no }

    package var negated: Verdict {
        switch self {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }
}
