// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
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
        return numbers.rule(item.isList ? .any(item.elements.map { rule($0) }) : test(item), line: line)
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
        "role", "group", "entitlement", "user", "admin", "deployment", "claim", "profile", "chosen", "any", "all",
        "not",
    ]
    /// What a faulty rule stands for until the file is refused.
    private static let nobody = Rule.Test.any([])

    private mutating func faultCount(_ item: Item, _ given: [String]) {
        guard !given.isEmpty else {
            let known = Reading.tests.filter { asksOfStarts || !["profile", "chosen"].contains($0) }
            return fault(item, "says no test", "Write one of \(known.joined(separator: ", ")).")
        }
        let words = given.map { "`\($0)`" }.joined(separator: " and ")
        let one = given.map { "{\($0): …}" }.joined(separator: ", ")
        fault(item, "has \(words) side by side", "Say how they belong together: `all: [\(one)]` or `any: [\(one)]`.")
    }

    /// `equals`, `present` and their like say something about a `claim` only.
    private mutating func refuseLooseWords(_ item: Item, _ test: String) {
        for word in Reading.claimTests where test != "claim" {
            if let loose = item[word] {
                fault(loose, "`\(word)` goes with `claim`", "Write `{claim: …, \(word): …}`.", atKey: true)
            }
        }
    }

    private mutating func test(_ item: Item, _ name: String) -> Rule.Test? {
        guard let value = item[name] else { return nil }
        noteSource(name, item)
        switch name {
        case "role": return nameTest(value, .role)
        case "group": return nameTest(value, .group)
        case "entitlement": return nameTest(value, .entitlement)
        case "user": return nameTest(value, .user)
        case "admin": return value.flag.map { .admin($0) }
        case "deployment":
            return reference(value, to: names.deployments, "deployment", "Define it under `deployments`.").map {
                .deployment($0)
            }
        case "claim": return claimTest(item, value)
        case "profile", "chosen": return startTest(name, value)
        case "any": return .any(value.elements.map { rule($0) })
        case "all": return .all(value.elements.map { rule($0) })
        default: return .not(rule(value))
        }
    }

    /// What is started: known only where a rule of `rules` is asked.
    private mutating func startTest(_ name: String, _ value: Item) -> Rule.Test? {
        guard asksOfStarts else {
            fault(
                value, "asks what is started, which is not known here",
                "`\(name)` belongs to `when` of `rules`; for a choice that goes only with another, write `needs`.",
                atKey: true)
            return nil
        }
        guard name == "chosen" else {
            let items = value.isList ? value.elements : [value]
            return .profile(
                items.compactMap { reference($0, to: vocabulary.profiles, "profile", "Write its `slug`.") })
        }
        let tests = value.members.compactMap { chosenTest($0.key, $0.item) }
        if value.members.isEmpty { fault(value, "names no option", "Write `chosen: {option: value}`.") }
        return tests.count == 1 ? tests[0].test : .all(tests)
    }

    private mutating func chosenTest(_ option: String, _ value: Item) -> Rule? {
        let known = vocabulary.options
        guard let ids = known[option] else {
            let meant = nearest(to: option, among: known.keys).map { " Did you mean `\($0)`?" } ?? ""
            fault(value, "no profile has an option `\(option)`", "Write the key of an option.\(meant)", atKey: true)
            return nil
        }
        let items = value.isList ? value.elements : [value]
        let among = items.compactMap { reference($0, to: ids.sorted(), "choice", "Write a choice's id.") }
        return numbers.rule(.chosen(option: option, among: among), line: value.place.line)
    }

    private mutating func nameTest(_ value: Item, _ names: Rule.Names) -> Rule.Test? {
        if let written = value["matches"] { return pattern(written, names).map { .matches(names, $0) } }
        guard let name = value.text else { return nil }
        switch names {
        case .role: return anyOf(name, .roles, value) { .role($0) }
        case .group: return anyOf(name, .groups, value) { .group($0) }
        case .entitlement: return anyOf(name, .entitlements, value) { .entitlement($0) }
        case .user: return .user(name)
        }
    }

    /// The name in the form in which subjects have it. Where a wider one covers it, that will do as well.
    private mutating func anyOf(
        _ name: String, _ kind: NameKind, _ item: Item, _ test: (String) -> Rule.Test
    ) -> Rule.Test {
        let tests = wanted.alternatives(to: name, as: kind).map(test)
        return tests.count == 1 ? tests[0] : .any(tests.map { numbers.rule($0, line: item.place.line) })
    }

    /// Names are folded where the configuration says so, and so is what a pattern looks for.
    private mutating func pattern(_ item: Item, _ names: Rule.Names) -> Pattern? {
        guard let pattern = pattern(item), let kind = names.kind, wanted.foldsCase(kind) else { return pattern(item) }
        return (try? Pattern("(?i)" + pattern.text)) ?? pattern
    }
}

// MARK: - Tests of a claim

extension Reading {
    fileprivate static let claimTests =
        ["equals", "present", "matches"] + Rule.Bound.Relation.allCases.map(\.rawValue) + ["some"]

    private mutating func claimTest(_ item: Item, _ claim: Item) -> Rule.Test? {
        guard let path = claimPath(claim)?.names else { return nil }
        let given = Reading.claimTests.filter { item[$0] != nil }
        guard given.count == 1, let value = item[given[0]] else {
            faultCount(ofClaimTests: given, item)
            return nil
        }
        switch given[0] {
        case "equals": return equality(value).map { .claim(path: path, equals: $0) }
        case "present": return isPresent(value) ? .claimPresent(path: path) : nil
        case "matches": return pattern(value).map { .claimMatches(path: path, $0) }
        case "some": return .claimElement(path: path, rule(value))
        default: return bound(value, given[0]).map { .claimNumber(path: path, $0) }
        }
    }

    private mutating func faultCount(ofClaimTests given: [String], _ item: Item) {
        if given.isEmpty {
            let others = Reading.claimTests.dropFirst(2).map { "`\($0)`" }.joined(separator: ", ")
            return fault(item, "says no test of the claim", "Add `equals: …`, `present: true`, or one of \(others).")
        }
        let words = given.map { "`\($0)`" }.joined(separator: " and ")
        let remedy =
            given.contains("present")
            ? "Leave `present` out: what is tested is present."
            : "Write `all: [\(given.map { "{claim: …, \($0): …}" }.joined(separator: ", "))]`."
        fault(item, "has \(words) side by side", remedy)
    }

    private mutating func equality(_ value: Item) -> JSON? {
        if value.scalar == nil {
            fault(value, "compares with \(value.kindWords)", "Compare with one value; for several, write `any`.")
        }
        return value.json
    }

    private mutating func isPresent(_ value: Item) -> Bool {
        if value.flag == false {
            fault(
                value, "`present: false` would be true for nobody we can tell",
                "Write `not: {claim: …, present: true}`.")
        }
        return value.flag == true
    }

    private mutating func bound(_ value: Item, _ word: String) -> Rule.Bound? {
        guard let relation = Rule.Bound.Relation(rawValue: word), value.json.kind == .number else {
            fault(value, "must be a number, not \(value.given)", "Write it without quotes, such as `\(word): 10`.")
            return nil
        }
        return Rule.Bound(relation, value.json)
    }
}

extension Rule.Names {
    fileprivate var kind: NameKind? {
        switch self {
        case .role: .roles
        case .group: .groups
        case .entitlement: .entitlements
        case .user: nil
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
