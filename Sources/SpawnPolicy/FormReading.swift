// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// The fields of a form that belong to the chosen profile, as `user_options` would name them.
struct FormReading {
    static let prefix = "profile-option-"

    let profile: Profile
    /// What is wrong with the fields as such, before any value is looked at.
    private(set) var objections: [Objection] = []
    private var values: [(key: String, text: String)] = []
    /// Option key to the name of the field that it came from.
    private(set) var fieldNames: [String: String] = [:]

    init(_ fields: JSONObject, of profile: Profile, reach: Reach) {
        self.profile = profile
        let keys = profile.optionKeys
        for (name, value) in fields where name != Key.profile && name.hasPrefix(Key.profile) {
            guard let key = Self.key(of: name, for: profile, keys: keys, in: reach.policy) else { continue }
            fieldNames[key] = name
            do throws(Objection) {
                guard keys.contains(key) else { throw .unknownOption(key, profile) }
                if let text = try Self.text(key, value) { values.append((key, text)) }
            } catch {
                objections.append(error)
            }
        }
        settleTyped()
        settleNeeds()
        settleSize(reach)
    }

    func userOptions(isNamed: Bool) -> JSON {
        var options = JSONObject()
        if isNamed { options[Key.profile] = JSON(profile.slug) }
        for (key, text) in values { options[key] = JSON(text) }
        return JSON(options)
    }

    /// The field that an objection is about; one that was left out has the name it would have had.
    func fieldName(_ key: String?) -> String {
        guard let key else { return "" }
        return fieldNames[key] ?? (key == Key.profile ? key : Self.prefix + profile.slug + "--" + key)
    }

    func isReported(_ key: String?) -> Bool { objections.contains { $0.key == key } }

    /// The chosen profile's slug; nil where the form has none.
    static func profile(in fields: JSONObject) throws(Objection) -> String? {
        guard let value = fields[Key.profile] else { return nil }
        if let list = value.array, list.count > 1 { throw .severalProfiles }
        return try text(Key.profile, value)
    }

    /// A field has one text; JupyterHub gives it as a list. Nil for an empty one.
    private static func text(_ key: String, _ value: JSON) throws(Objection) -> String? {
        guard let list = value.array else { throw .notText(key: key, value) }
        guard list.count <= 1 else { throw .severalValues(key) }
        guard let first = list.first else { return nil }
        guard let text = first.string else { throw .notText(key: key, first) }
        return text.isEmpty ? nil : text
    }

    /// The option that a field sets, if it is one of `profile`; nil for a field of another profile.
    ///
    /// One slug may begin with another (`large`, `large-gpu`) and a slug may hold the separator, so a field counts
    /// as another's only if its text does not lead to a key of this profile and a longer slug claims it.
    private static func key(of name: String, for profile: Profile, keys: Set<String>, in policy: Policy) -> String? {
        guard name.hasPrefix(prefix) else { return name }
        let rest = name.dropFirst(prefix.count)
        let own = profile.slug + "--"
        guard rest.hasPrefix(own) else { return rest.contains("--") ? nil : name }
        let key = String(rest.dropFirst(own.count))
        if keys.contains(key) { return key }
        let isAnothers = policy.slugs(beginning: rest).contains { $0.utf8.count > profile.slug.utf8.count }
        return isAnothers ? nil : key
    }

    /// A select and its text belong together: the select decides. KubeSpawner's page sends only the one that counts;
    /// other pages send both, the text empty or left over, and `unlisted-choice` as the select's value.
    private mutating func settleTyped() {
        for option in profile.options where option.unlisted != nil {
            guard let select = values.firstIndex(where: { $0.key == option.key }) else { continue }
            let typed = typedKey(option.key)
            guard values[select].text == "unlisted-choice",
                !option.choices.contains(where: { $0.id == "unlisted-choice" })
            else {
                values.removeAll { $0.key == typed }
                continue
            }
            values.remove(at: select)
            if !values.contains(where: { $0.key == typed }) { objections.append(.typedMissing(option)) }
        }
    }

    /// A page sends a value for every option; those of options that do not count beside the others are left out.
    private mutating func settleNeeds() {
        for place in profile.answerOrder {
            let option = profile.options[place]
            let chosen = Dictionary(values.map { ($0.key, $0.text) }) { first, _ in first }
            guard let needs = option.needs, !needs.areMet(by: chosen) else { continue }
            values.removeAll { $0.key == option.key || $0.key == typedKey(option.key) }
        }
    }

    /// The page has one size field for the profile, filled or not whatever GPU is chosen.
    private mutating func settleSize(_ reach: Reach) {
        let standard = reach.standardIDs(of: profile)
        let isShare = profile.options.contains { option in
            let chosen = values.first { $0.key == option.key }?.text ?? standard[option.key]
            return option.choices.contains { $0.id == chosen && $0.gpu?.sizes != nil }
        }
        if !isShare { values.removeAll { $0.key == Key.gpuSize } }
    }
}

extension Policy {
    /// The known slugs that stand before a `--` at the start of `text`.
    fileprivate func slugs(beginning text: Substring) -> [String] {
        var slugs: [String] = []
        var place = text.startIndex
        while let separator = text[place...].firstRange(of: "--") {
            let slug = String(text[..<separator.lowerBound])
            if profile(slug) != nil { slugs.append(slug) }
            place = text.index(after: separator.lowerBound)
        }
        return slugs
    }
}
