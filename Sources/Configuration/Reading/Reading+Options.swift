// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnPolicy

extension Reading {
    /// One entry of `profile_options`.
    mutating func option(_ item: Item, _ key: String) -> ProfileOption? {
        guard item.isMapping else { return nil }
        let members = item["choices"]?.members ?? []
        let choices = members.compactMap { choice($0.item, $0.key, isImage: key == "image") }
        refuseTwoDefaults(members.map(\.item), "choice")
        // What the form sends when the user types a value.
        for (id, choice) in members where id == "unlisted-choice" {
            fault(choice, "`unlisted-choice` stands for a typed value", "Give the choice another id.", atKey: true)
        }
        let unlisted = enabledUnlisted(item["unlisted_choice"], key)
        if members.isEmpty, unlisted == nil {
            fault(
                item, "has no `choices` and no `unlisted_choice` that is enabled", "Give it one, or remove the option.",
                atKey: true)
        }
        return ProfileOption(
            key: key, displayName: item.text("display_name") ?? key, allow: allow(item), choices: choices,
            unlisted: unlisted, needs: needs(item), line: item.keyPlace.line)
    }

    private mutating func choice(_ item: Item, _ id: String, isImage: Bool) -> Choice? {
        guard item.isMapping else { return nil }
        checkTraits(item["kubespawner_override"])
        let overrides = item.object("kubespawner_override")
        return Choice(
            id: id, displayName: item.text("display_name") ?? id, isDefault: item.flag("default") ?? false,
            allow: allow(item), overrides: overrides, image: isImage ? overrides["image"]?.string : nil,
            needs: needs(item), isHidden: item.flag("hidden") ?? false, set: setBlock(of: item),
            line: item.keyPlace.line)
    }

    private mutating func enabledUnlisted(_ item: Item?, _ key: String) -> UnlistedChoice? {
        guard let item, item.isMapping else { return nil }
        let unlisted = unlisted(item, isImage: key == "image")
        guard item.flag("enabled") == true else { return nil }
        if unlisted.overrides.isEmpty, unlisted.set.isEmpty, key != "image" {
            warn(
                item, "sets nothing: no `kubespawner_override` says what the typed value is for",
                "Add one with `{value}` in it, or a `set` with `${value}`.", atKey: true)
        }
        return unlisted
    }

    /// `unlisted_choice` of an option, or `custom_image` of a profile.
    mutating func unlisted(_ item: Item, isImage: Bool) -> UnlistedChoice {
        checkTraits(item["kubespawner_override"])
        checkRegex(item["validation_regex"])
        return UnlistedChoice(
            displayName: item.text("display_name") ?? (isImage ? "Image" : "Value"),
            displayNameInChoices: item.text("display_name_in_choices") ?? "Other...",
            validationRegex: item.text("validation_regex"), validationMessage: item.text("validation_message"),
            overrides: item.object("kubespawner_override"), allow: allow(item), isImage: isImage,
            number: item["number"].flatMap { numberRange($0) }, set: setBlock(of: item, SetScope(isTyped: true)),
            line: item.keyPlace.line)
    }

    private mutating func checkRegex(_ item: Item?) {
        if let item { _ = pattern(item) }
    }

    /// A regular expression; nil with a fault where it is none.
    mutating func pattern(_ item: Item) -> Pattern? {
        guard let text = item.text else { return nil }
        do throws(PatternError) {
            return try Pattern(text)
        } catch {
            fault(
                item, "\(quoted(text)) is not a pattern that can be used: \(error)",
                "Patterns are written as for Python's `re`.")
            return nil
        }
    }
}
