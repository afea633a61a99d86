// SPDX-License-Identifier: Apache-2.0

/// Keys by which code of a site, or its chart, says who may have something. KubeSpawner knows none of them.
enum Access {
    /// One match with either is enough wherever these are read: 2i2c's charts, Nebari, EOEPCA's application hub.
    static let groups: Set<String> = ["allowed_groups", "allowed_teams", "groups", "teams"]
    static let users: Set<String> = ["allowed_users", "users"]

    /// Whether a key is about access, as far as its name tells.
    static func isAbout(_ key: String) -> Bool {
        let word = plain(key)
        return groups.contains(word) || users.contains(word) || words.contains { word.contains($0) }
    }

    /// `allowedGroups` and `allowed-groups` as `allowed_groups`.
    static func plain(_ key: String) -> String {
        key.reduce(into: "") { word, letter in
            if letter.isUppercase, !word.isEmpty, word.last != "_" { word += "_" }
            word += letter == "-" ? "_" : letter.lowercased()
        }
    }

    private static let words = [
        "allow", "access", "admin", "claim", "deny", "entitle", "forbid", "group", "instructor", "member", "permi",
        "private", "restrict", "role", "scope", "student", "team", "user", "archived", "hidden",
    ]
}

extension ProfileImport {
    /// `allow` of something; nil for everyone. What says who may, but not plainly enough, lets nobody in until an
    /// operator has said what it means.
    mutating func allow(_ item: Item, _ noun: String, title: String? = nil) -> WrittenYAML? {
        var rules: [WrittenYAML] = []
        var isLimited = false
        var isUnclear = false
        let keys = item.members.filter { Access.isAbout($0.key) && !$0.item.isNull }
        if let access = keys.first(where: { Access.plain($0.key) == "access" })?.item.wordsInPython {
            if access == "all" { return nil }
            if access == "keycloak", let title { return keycloak(item, title) }
        }
        for (key, member) in keys {
            isLimited = true
            switch rule(Access.plain(key), member) {
            case .rules(let more): rules += more
            case .nothing: continue
            case .unclear:
                isUnclear = true
                noteUnclear(member, noun)
            }
        }
        guard isLimited else { return nil }
        return isUnclear || rules.isEmpty ? .list([]) : .list(rules)
    }

    private enum Meaning {
        case rules([WrittenYAML])
        /// Says by itself neither yes nor no.
        case nothing
        case unclear
    }

    private mutating func rule(_ key: String, _ value: Item) -> Meaning {
        if key == "access" { return value.wordsInPython == "yaml" ? .nothing : .unclear }
        if key == "admin_only" || key == "admins_only" || key == "only_admins" {
            guard let flag = value.flag else { return .unclear }
            return flag ? .rules([.test("admin", .scalar("true"))]) : .nothing
        }
        let isGroups = Access.groups.contains(key)
        guard isGroups || Access.users.contains(key), let names = value.names else { return .unclear }
        if isGroups { namesGroups = true }
        return .rules(names.map { .test(isGroups ? "group" : "user", .text($0)) })
    }

    private mutating func noteUnclear(_ item: Item, _ noun: String) {
        let isEmpty = item.isList && item.elements.isEmpty
        let what =
            isEmpty
            ? "is an empty list, which is everyone to some and nobody to others" : "says who may, but not plainly"
        note(
            item, "\(what); nobody may have the \(noun) until you say so",
            "Write `allow`, such as `allow: [{group: a}, {user: b}]`, or remove it for everyone.")
    }

    /// Nebari: the titles that a person may start are listed in a claim.
    private mutating func keycloak(_ item: Item, _ title: String) -> WrittenYAML {
        note(
            item["access"] ?? item, "asks the claim `jupyterlab_profiles` for the profile's title",
            "The rule is written; add `identity` and `trust: auth_state`, since it is met by claims only.")
        return .list([
            .mapping([
                WrittenYAML.Member(key: "claim", value: .scalar("jupyterlab_profiles")),
                WrittenYAML.Member(key: "equals", value: .text(title)),
            ])
        ])
    }
}

extension WrittenYAML {
    fileprivate static func test(_ name: String, _ value: WrittenYAML) -> WrittenYAML {
        .mapping([Member(key: name, value: value)])
    }
}

extension Item {
    /// One name or a list of names; nil where it is something else, or names nobody.
    fileprivate var names: [String]? {
        let items = isList ? elements : [self]
        let names = items.compactMap { one in one.isPythonCode ? nil : one.text.flatMap { $0.isEmpty ? nil : $0 } }
        return names.count == items.count && !names.isEmpty ? names : nil
    }
}
