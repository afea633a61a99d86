// SPDX-License-Identifier: Apache-2.0
import SpawnPolicy

extension ProfileImport {
    /// Nil where there are none.
    mutating func options(_ item: Item?) -> WrittenYAML? {
        guard let item, !(item.isMapping && item.members.isEmpty) else { return nil }
        guard item.isMapping else {
            note(item, item.isPythonCode ? "is Python code" : "is no mapping", "Write the options by their keys.")
            return nil
        }
        let options = inHubOrder(item).compactMap { key, option in
            self.option(option, key).map { WrittenYAML.Member(key: key, value: $0) }
        }
        return options.isEmpty ? nil : .mapping(options)
    }

    private mutating func option(_ item: Item, _ key: String) -> WrittenYAML? {
        guard item.isMapping else {
            note(item, "is no mapping", "Write `choices` or `unlisted_choice` under it.")
            return nil
        }
        guard isGoodKey(key, item) else { return nil }
        var option: [WrittenYAML.Member] = []
        option.add("display_name", text(item, "display_name").map { .text($0) })
        option.add("allow", allow(item, "option"))
        let choices = choices(item["choices"])
        option.add("choices", choices)
        let typed = item["unlisted_choice"].flatMap { unlisted($0) }
        option.add("unlisted_choice", typed)
        noteOthers(item, known: ["display_name", "choices", "unlisted_choice"])
        guard choices != nil || typed != nil else {
            note(item, "has no choice that could be carried over, and no typed value", "The option is left out.")
            return nil
        }
        return .mapping(option)
    }

    private mutating func isGoodKey(_ key: String, _ item: Item) -> Bool {
        let isTaken = key == "profile" || key.hasSuffix("--unlisted-choice")
        guard isTaken || !NameRule.free.allows(key) else { return true }
        let why = isTaken ? "stands for something else in a form" : "is no key of an option"
        note(item, "the key \(quoted(key)) \(why)", "Give the option another key.")
        return false
    }

    private mutating func choices(_ item: Item?) -> WrittenYAML? {
        guard let item, !(item.isMapping && item.members.isEmpty) else { return nil }
        guard item.isMapping else {
            note(item, item.isPythonCode ? "is Python code" : "is no mapping", "Write the choices by their ids.")
            return nil
        }
        let members = inHubOrder(item)
        let standard = members.first { $0.item["default"]?.isTrueInPython == true }?.key
        let choices = members.compactMap { id, choice in
            self.choice(choice, id, isDefault: id == standard).map { WrittenYAML.Member(key: id, value: $0) }
        }
        return choices.isEmpty ? nil : .mapping(choices)
    }

    private mutating func choice(_ item: Item, _ id: String, isDefault: Bool) -> WrittenYAML? {
        guard item.isMapping, id != "unlisted-choice", NameRule.free.allows(id) else {
            let why = item.isMapping ? "\(quoted(id)) stands for something else in a form" : "is no mapping"
            note(item, why, "The choice is left out.")
            return nil
        }
        var choice: [WrittenYAML.Member] = []
        choice.add("display_name", text(item, "display_name").map { .text($0) })
        addDefault(item, isDefault, "choice", to: &choice)
        choice.add("allow", allow(item, "choice"))
        choice.add("kubespawner_override", overrides(item))
        // 2i2c's lists give choices a slug; KubeSpawner goes by the key.
        noteOthers(item, known: ["display_name", "default", "kubespawner_override", "slug"])
        return .mapping(choice)
    }

    /// The members in the order in which the hub has them, which is also that of the form and of the default.
    private mutating func inHubOrder(_ item: Item) -> [(key: String, item: Item)] {
        let members = item.members
        guard reader == .helm else { return members }
        let sorted = members.sorted { HelmOrder.isBefore($0.key, $1.key) }
        if sorted.map(\.key) != members.map(\.key), !hasNotedOrder {
            hasNotedOrder = true
            note(
                item, "Helm sorts the keys, so that users see another order than this; the file has the users' order",
                "Reorder options and choices in the new file: Berth keeps its order, also where no default is marked.")
        }
        return sorted
    }
}

// MARK: - Typed values

extension ProfileImport {
    private mutating func unlisted(_ item: Item) -> WrittenYAML? {
        guard item.isMapping, item["enabled"]?.isTrueInPython == true else {
            if !item.isMapping { note(item, "is no mapping", "The typed value is left out.") }
            return nil
        }
        var unlisted: [WrittenYAML.Member] = []
        unlisted.add("enabled", .scalar("true"))
        for key in ["display_name", "display_name_in_choices"] {
            unlisted.add(key, text(item, key).map { .text($0) })
        }
        guard addRegex(item, to: &unlisted) else { return nil }
        unlisted.add("validation_message", text(item, "validation_message").map { .text($0) })
        unlisted.add("allow", allow(item, "unlisted_choice"))
        unlisted.add("kubespawner_override", overrides(item))
        noteOthers(item, known: ProfileImport.partsOfUnlisted)
        return .mapping(unlisted)
    }

    private static let partsOfUnlisted = [
        "enabled", "display_name", "display_name_in_choices", "validation_regex", "validation_message",
        "kubespawner_override",
    ]

    /// False where what users may type could not be held to the same bounds.
    private mutating func addRegex(_ item: Item, to members: inout [WrittenYAML.Member]) -> Bool {
        guard let written = item["validation_regex"], written.isTrueInPython else { return true }
        guard let text = written.wordsInPython, (try? Pattern(text)) != nil else {
            note(
                written, "is no regular expression that Berth can use",
                "The typed value is left out: write another one.")
            return false
        }
        let whole = PythonRegex.whole(text)
        if whole != text {
            note(
                written, "was held against the beginning of what users type, whatever comes behind",
                "That is kept. Take the `(?:` and `)[\\s\\S]*` off to have the whole text checked.")
        }
        members.add("validation_regex", .text(whole))
        return true
    }
}
