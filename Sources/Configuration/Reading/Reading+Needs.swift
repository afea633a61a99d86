// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy

extension Reading {
    /// `needs` of a choice or an option.
    func needs(_ item: Item) -> Needs? {
        guard let written = item["needs"], written.isMapping else { return nil }
        let conditions = written.members.map { Needs.Condition(option: $0.key, among: $0.item.texts) }
        return conditions.isEmpty ? nil : Needs(conditions, line: written.keyPlace.line)
    }

    /// What is needed is there, and nothing needs itself by a detour.
    mutating func checkNeeds(_ profile: Item, _ options: [ProfileOption]) {
        for (own, item) in needing(profile) {
            for (key, values) in item["needs"]?.members ?? [] { check(values, key, options, of: own) }
        }
        if let cycle = NeedsOrder(options).cycle, cycle.count > 2 {
            fault(
                profile, "its options need each other in a circle: \(cycle.joined(separator: " -> "))",
                "Remove one `needs` of them.")
        }
    }

    private mutating func check(_ values: Item, _ key: String, _ options: [ProfileOption], of own: String) {
        guard let option = options.first(where: { $0.key == key }), key != own else {
            let others = options.map(\.key).filter { $0 != own }.joined(separator: ", ")
            let what = key == own ? "an option cannot need itself" : "the profile has no option `\(key)`"
            return fault(values, what, others.isEmpty ? "" : "It has: \(others).", atKey: true)
        }
        let ids = option.choices.map(\.id)
        for value in values.isList ? values.elements : [values] {
            _ = reference(value, to: ids, "choice of `\(key)`", "Write a choice's id.")
        }
    }

    /// Everything in a profile that may say `needs`, with the option that it belongs to.
    private func needing(_ profile: Item) -> [(own: String, item: Item)] {
        let gpu = profile["gpu"]?["choices"]?.elements.map { ("gpu", $0) } ?? []
        let own = (profile["profile_options"]?.members ?? []).flatMap { key, option in
            [(key, option)] + (option["choices"]?.members ?? []).map { (key, $0.item) }
        }
        return gpu + own
    }

    // MARK: Typed numbers

    mutating func numberRange(_ item: Item) -> NumberRange? {
        guard item.isMapping, let min = number(item["min"]), let max = number(item["max"]) else { return nil }
        let step = item["step"].flatMap { number($0) } ?? Quantity(1)
        if min > max, let written = item["max"] { fault(written, "the largest is below the smallest", "Swap them.") }
        if step <= Quantity.zero, let written = item["step"] {
            fault(written, "a step must be above zero", "Write such as `step: 0.5`.")
        }
        return NumberRange(min: min, max: max, step: step)
    }

    private mutating func number(_ item: Item?) -> Quantity? {
        guard let item else { return nil }
        guard item.json.kind == .number, let text = item.scalar?.text, let number = Quantity(text),
            number.isWholeSteps(of: Quantity("1m") ?? Quantity(1), from: .zero)
        else {
            fault(item, "must be a number with at most three decimals, not \(item.given)", "")
            return nil
        }
        return number
    }

    // MARK: Maps, and what is said when nothing is allowed

    mutating func maps(_ item: Item?) -> [String: RowTable] {
        var tables: [String: RowTable] = [:]
        for (name, map) in item?.members ?? [] where map.isMapping {
            guard let key = map["key"] else { continue }
            var names = Reference.Names()
            names.hasPseudonym = vocabulary.references.hasPseudonym
            let rows = (map["rows"]?.members ?? []).map { ($0.key, $0.item.json) }
            tables[name] = RowTable(
                key: ValueReading(names, isTrait: false).value(key, [], &self),
                rows: Dictionary(rows) { first, _ in first }, standard: map["default"]?.json)
        }
        return tables
    }

    mutating func nothingAllowed(_ item: Item?) -> NothingAllowed? {
        guard let item, item.isMapping else { return nil }
        if item.members.isEmpty { fault(item, "says nothing", "Write `message`, `entry` or both.") }
        if let taken = vocabulary.profiles.first(where: { $0 == NothingAllowed.slug }) {
            fault(item, "a profile has the slug \(quoted(taken)), which the explaining entry has", "Give it another.")
        }
        return NothingAllowed(message: item.text("message"), entry: item.text("entry"))
    }

    /// The key of `user.pseudonym`, from its file.
    mutating func pseudonymKey(_ item: Item?) -> [UInt8]? {
        let remedy = "Make it with `openssl rand -hex 32`, once: another key gives everybody another name."
        guard let item, let path = item.text, let key = secretBytes(item, remedy) else { return nil }
        guard key.count >= 16 else {
            fault(item, "the file \(quoted(path)) holds fewer than 16 bytes", remedy)
            return nil
        }
        return key
    }
}
