// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnPolicy

extension Reading {
    mutating func siteRules(_ item: Item?) -> [SiteRule] {
        let items = (item?.elements ?? []).filter(\.isMapping)
        let rules = items.enumerated().map { siteRule($1, place: $0) }
        refuseRepeats(items.compactMap { one in one.text("name").map { ($0, one["name"] ?? one) } }, "rule name")
        checkGrants(rules, items)
        warnOfShadowed(rules, items)
        return rules
    }

    private mutating func siteRule(_ item: Item, place: Int) -> SiteRule {
        let when = item["when"].map { startRule($0) } ?? .everyone
        if !["set", "grant", "refuse"].contains(where: { item[$0] != nil }) {
            fault(item, "does nothing", "Say what it does with `set`, `grant` or `refuse`.")
        }
        warnOfNobody(item, when)
        let repeated = item["for_each"].flatMap { forEach($0) }
        refuseMixes(item, when)
        return SiteRule(
            name: item.text("name") ?? "rule-\(place + 1)", when: when, exclusive: item.text("exclusive"),
            priority: item.integer("priority") ?? 0, forEach: repeated,
            set: setBlock(of: item, SetScope(captures: item["for_each"] == nil ? nil : repeated?.captures ?? [])),
            grants: item["grant"].map { granted($0) }, refusal: item.text("refuse"), line: item.place.line)
    }

    /// A rule that may also ask what is started.
    mutating func startRule(_ item: Item) -> Rule {
        asksOfStarts = true
        defer { asksOfStarts = false }
        return rule(item)
    }

    private mutating func warnOfNobody(_ item: Item, _ when: Rule) {
        guard let written = item["when"] else { return }
        if Coverage.of(when) == .nobody { return warn(written, "holds for nobody", "Remove the rule.", atKey: true) }
        if let contradiction = Contradiction.of(when) {
            warn(
                written, "can never hold: lines \(contradiction.first) and \(contradiction.second) exclude each other",
                "Remove one of the two.", atKey: true)
        }
    }

    /// What makes no sense together.
    private mutating func refuseMixes(_ item: Item, _ when: Rule) {
        if let written = item["grant"] {
            if when.asksForProfile || when.asksForChoice {
                fault(
                    written, "stands beside a `when` that asks what is started",
                    "What somebody counts as is settled before that: ask for the user only.", atKey: true)
            }
            if let each = item["for_each"] {
                fault(each, "stands beside `grant`", "`for_each` goes with `set`: make two rules.", atKey: true)
            }
        }
        if let each = item["for_each"], item["set"] == nil, item["grant"] == nil {
            fault(each, "has no `set` that it could repeat", "Add one, or remove it.", atKey: true)
        }
        if let exclusive = item["exclusive"], item["grant"] != nil || item["refuse"] != nil {
            fault(exclusive, "goes with `set` only", "Make `grant` and `refuse` rules of their own.", atKey: true)
        }
    }

    private func granted(_ item: Item) -> SiteRule.Granted {
        var granted = SiteRule.Granted()
        granted.isAdmin = item.flag("admin") ?? false
        granted.isExempt = item.flag("exempt") ?? false
        granted.roles = (item.texts("roles") ?? []).compactMap { wanted.alternatives(to: $0, as: .roles).first }
        granted.groups = (item.texts("groups") ?? []).compactMap { wanted.alternatives(to: $0, as: .groups).first }
        granted.entitlements = (item.texts("entitlements") ?? []).compactMap {
            wanted.alternatives(to: $0, as: .entitlements).first
        }
        return granted
    }

    // MARK: for_each

    private mutating func forEach(_ item: Item) -> ForEach? {
        let given = ["group", "role", "entitlement", "claim"].filter { item[$0] != nil }
        guard given.count == 1, let written = item[given[0]] else {
            let words = given.map { "`\($0)`" }.joined(separator: " and ")
            fault(
                item, given.isEmpty ? "does not say what for" : "has \(words) side by side",
                "Write one of `group`, `role`, `entitlement` and `claim`.")
            return nil
        }
        if let loose = item["where"], given[0] != "claim" {
            fault(loose, "`where` goes with `claim`", "Let the pattern say which names are meant.", atKey: true)
        }
        guard given[0] == "claim" else { return namePattern(written, given[0]).map { ForEach($0) } }
        usesClaims = true
        guard let path = claimPath(written) else { return nil }
        return ForEach(.claim(path.names, where: item["where"].map { rule($0) }))
    }

    private mutating func namePattern(_ item: Item, _ kind: String) -> ForEach.Source? {
        guard let text = item.text, let names = Rule.Names(rawValue: kind) else { return nil }
        if names != .group { usesClaims = true }
        do throws(TemplateFault) {
            return .names(names, try NamePattern(parsing: text, foldsCase: foldsCase(names)))
        } catch {
            fault(item, error.what, error.remedy)
            return nil
        }
    }

    private func foldsCase(_ names: Rule.Names) -> Bool {
        switch names {
        case .role: wanted.foldsCase(.roles)
        case .group: wanted.foldsCase(.groups)
        case .entitlement: wanted.foldsCase(.entitlements)
        case .user: false
        }
    }

    // MARK: Rules among each other

    /// Grants go from top to bottom: one that asks for what only a later one gives never gets it.
    private mutating func checkGrants(_ rules: [SiteRule], _ items: [Item]) {
        for (place, rule) in rules.enumerated() where rule.grants != nil {
            let later = rules[place...].first { other in
                other.grants.map { rule.when.asks(for: $0) } ?? false
                    && !rules[..<place].contains { $0.grants.map { rule.when.asks(for: $0) } ?? false }
            }
            guard let later, let written = items[place]["when"] else { continue }
            let what =
                later.line == rule.line
                ? "asks for what it grants itself" : "asks for what only the rule in line \(later.line) grants"
            fault(written, what, "Put the rule that grants it above the one that asks for it.", atKey: true)
        }
    }

    /// In an exclusive group a rule that holds for everyone leaves nothing to those after it, and so does one that asks
    /// the same.
    private mutating func warnOfShadowed(_ rules: [SiteRule], _ items: [Item]) {
        let places = rules.indices.filter { rules[$0].exclusive != nil }
        for (_, group) in Dictionary(grouping: places, by: { rules[$0].exclusive ?? "" }) {
            let order = group.sorted { (-rules[$0].priority, $0) < (-rules[$1].priority, $1) }
            var seen: [Rule.Test: Int] = [:]
            var general: Int?
            for place in order {
                let test = rules[place].when.test
                if let stronger = general ?? seen[test] {
                    warn(
                        items[place], "never applies: the rule in line \(rules[stronger].line) always comes before it",
                        "Remove one, or give this one the higher `priority`.")
                }
                seen[test] = seen[test] ?? place
                if general == nil, Coverage.of(rules[place].when) == .everyone { general = place }
            }
        }
    }
}

extension Rule {
    /// Whether it asks, somewhere, for something of `granted`.
    fileprivate func asks(for granted: SiteRule.Granted) -> Bool {
        switch test {
        case .role(let name): granted.roles.contains(name)
        case .group(let name): granted.groups.contains(name)
        case .entitlement(let name): granted.entitlements.contains(name)
        case .admin: granted.isAdmin
        case .any(let rules), .all(let rules): rules.contains { $0.asks(for: granted) }
        case .not(let rule): rule.asks(for: granted)
        default: false
        }
    }
}

/// Two tests of an `all` of which one is the other's `not`.
struct Contradiction {
    let first: Int
    let second: Int

    static func of(_ rule: Rule) -> Contradiction? {
        guard case .all(let rules) = rule.test else { return nil }
        let wanted = Dictionary(rules.map { ($0.test, $0.line) }) { first, _ in first }
        for case (.not(let inner), let line) in rules.map({ ($0.test, $0.line) }) {
            if let other = wanted[inner.test] {
                return Contradiction(first: min(other, line), second: max(other, line))
            }
        }
        return rules.lazy.compactMap(Contradiction.of).first
    }
}
