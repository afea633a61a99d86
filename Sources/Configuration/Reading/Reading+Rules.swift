// SPDX-License-Identifier: Apache-2.0
import Identity
import SpawnPolicy

extension Reading {
    /// `allow` of an item; everyone when it is not there.
    mutating func allow(_ item: Item) -> Rule {
        guard let written = item["allow"] else { return .everyone }
        let before = findings.faults.count
        let rule = rule(written)
        if findings.faults.count == before, Coverage.of(rule) == .nobody {
            warn(written, "allows nobody", "Remove the entry if that is meant.", atKey: true)
        }
        return rule
    }

    mutating func rule(_ item: Item) -> Rule {
        let line = item.place.line
        if item.isList { return Rule(.any(item.elements.map { rule($0) }), line: line) }
        return Rule(test(item), line: line)
    }

    private mutating func test(_ item: Item) -> Rule.Test {
        let given = item.members.map(\.key).filter { Reading.tests.contains($0) }
        guard given.count == 1 else {
            if item.isMapping { faultCount(item, given) }
            return Reading.nobody
        }
        refuseLooseWords(item, given[0])
        return test(item, given[0]) ?? Reading.nobody
    }

    private static let tests = [
        "role", "group", "entitlement", "user", "admin", "deployment", "claim", "any", "all", "not",
    ]
    /// What a faulty rule stands for until the file is refused.
    private static let nobody = Rule.Test.any([])

    private mutating func faultCount(_ item: Item, _ given: [String]) {
        guard !given.isEmpty else {
            return fault(item, "says no test", "Write one of \(Reading.tests.joined(separator: ", ")).")
        }
        let words = given.map { "`\($0)`" }.joined(separator: " and ")
        let one = given.map { "{\($0): …}" }.joined(separator: ", ")
        fault(item, "has \(words) side by side", "Say how they belong together: `all: [\(one)]` or `any: [\(one)]`.")
    }

    /// `equals` and `present` say something about a `claim` only.
    private mutating func refuseLooseWords(_ item: Item, _ test: String) {
        for word in ["equals", "present"] where test != "claim" {
            if let loose = item[word] {
                fault(loose, "`\(word)` goes with `claim`", "Write `{claim: …, \(word): …}`.", atKey: true)
            }
        }
    }

    private mutating func test(_ item: Item, _ name: String) -> Rule.Test? {
        guard let value = item[name] else { return nil }
        noteSource(name, item)
        switch name {
        case "role": return value.text.map { .role($0) }
        case "group": return value.text.map { .group($0) }
        case "entitlement": return value.text.map { .entitlement($0) }
        case "user": return value.text.map { .user($0) }
        case "admin": return value.flag.map { .admin($0) }
        case "deployment":
            return reference(value, to: names.deployments, "deployment", "Define it under `deployments`.").map {
                .deployment($0)
            }
        case "claim": return claimTest(item, value)
        case "any": return .any(value.elements.map { rule($0) })
        case "all": return .all(value.elements.map { rule($0) })
        default: return .not(rule(value))
        }
    }

    private mutating func claimTest(_ item: Item, _ claim: Item) -> Rule.Test? {
        guard let path = claimPath(claim) else { return nil }
        switch (item["equals"], item["present"]) {
        case (let value?, nil):
            if value.scalar == nil {
                fault(value, "compares with \(value.kindWords)", "Compare with one value; for several, write `any`.")
            }
            return .claim(path: path.names, equals: value.json)
        case (nil, let present?):
            guard present.flag == false else { return .claimPresent(path: path.names) }
            fault(
                present, "`present: false` would be true for nobody we can tell",
                "Write `not: {claim: …, present: true}`.")
            return nil
        case (nil, nil):
            fault(item, "says no test of the claim", "Add `equals: …` or `present: true`.")
            return nil
        default:
            fault(item, "has `equals` and `present` side by side", "Keep `equals`: what equals a value is present.")
            return nil
        }
    }
}

/// Whom a rule lets in, as far as that can be told without a user.
enum Coverage {
    case nobody, everyone, some

    static func of(_ rule: Rule) -> Coverage {
        switch rule.test {
        case .everyone: return .everyone
        case .any(let rules):
            let parts = rules.map(Coverage.of)
            return parts.contains(.everyone) ? .everyone : parts.allSatisfy { $0 == .nobody } ? .nobody : .some
        case .all(let rules):
            let parts = rules.map(Coverage.of)
            return parts.contains(.nobody) ? .nobody : parts.allSatisfy { $0 == .everyone } ? .everyone : .some
        case .not(let rule):
            return switch Coverage.of(rule) {
            case .nobody: .everyone
            case .everyone: .nobody
            case .some: .some
            }
        default: return .some
        }
    }
}
