// SPDX-License-Identifier: Apache-2.0

/// Turns the profiles of a hub into Berth's, one by one, and notes what it leaves out.
struct ProfileImport {
    /// What was left out or changed, as warnings.
    var findings = Findings()
    let reader: SourceReader
    /// Whether it was said that mappings are in Helm's order.
    var hasNotedOrder = false
    /// Whether a rule asks for a group.
    var namesGroups = false
    private var slugs: Set<String> = []
    /// The last number that was put behind a slug to make it another one.
    private var numbers: [String: Int] = [:]

    init(readBy reader: SourceReader) { self.reader = reader }

    mutating func note(_ item: Item, _ what: String, _ remedy: String = "") {
        findings.warn(Fault(at: item.keyPlace, path: item.path.description, what: what, remedy: remedy))
    }

    mutating func profiles(_ list: Item) -> [WrittenYAML] {
        // KubeSpawner sorts a mapping's keys as Python does, by code points.
        let sorted = list.members.sorted { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) }
        let items = list.isMapping ? sorted.map(\.item) : list.elements
        let standard = items.first { $0["default"]?.isTrueInPython == true }
        return items.compactMap { item in
            profile(item, isDefault: item.path.description == standard?.path.description)
        }
    }

    private mutating func profile(_ item: Item, isDefault: Bool) -> WrittenYAML? {
        guard item.isMapping else {
            let what = item.isPythonCode ? "is made by Python code" : "must be a profile, not \(item.given)"
            note(item, what, "Write it as a profile; it is left out.")
            return nil
        }
        guard let name = text(item, "display_name") ?? text(item, "slug") else {
            note(item, "has neither `display_name` nor `slug`", "Give it a name; it is left out.")
            return nil
        }
        if item["display_name"] == nil { note(item, "has no `display_name`", "Its slug is shown instead.") }
        var profile: [WrittenYAML.Member] = []
        profile.add("display_name", .text(name))
        profile.add("slug", slug(of: item, name).map { .text($0) })
        profile.add("description", text(item, "description").map { .text($0) })
        addDefault(item, isDefault, "profile", to: &profile)
        profile.add("allow", allow(item, "profile", title: name))
        profile.add("kubespawner_override", overrides(item))
        profile.add("profile_options", options(item["profile_options"]))
        noteOthers(item, known: ["display_name", "slug", "description", "default"] + ProfileImport.partsOfProfile)
        return .mapping(profile)
    }

    private static let partsOfProfile = ["kubespawner_override", "profile_options"]

    /// Keys that KubeSpawner does not read, apart from those that `allow` has dealt with.
    mutating func noteOthers(_ item: Item, known: [String]) {
        for (key, member) in item.members where !known.contains(key) && !Access.isAbout(key) {
            note(
                member, "is no key that KubeSpawner reads",
                "If code of your hub reads it, say here what that does, or leave it to the code.")
        }
    }

    /// The text at `key`, as a page made by Python would show it.
    mutating func text(_ item: Item, _ key: String) -> String? {
        guard let value = item[key] else { return nil }
        if value.scalar == nil || value.isPythonCode { note(value, "is no text", "Write what users shall read.") }
        return value.isPythonCode ? nil : value.wordsInPython
    }

    /// KubeSpawner takes the first that is marked, and counts as marked whatever Python counts as true.
    mutating func addDefault(_ item: Item, _ isFirst: Bool, _ noun: String, to members: inout [WrittenYAML.Member]) {
        guard let mark = item["default"], mark.isTrueInPython else { return }
        if case .text(let text)? = mark.scalar?.resolved, text.lowercased() != "true" {
            note(mark, "is the text \(quoted(text)), which Python counts as true", "Remove it if it was to say no.")
        }
        guard isFirst else {
            return note(mark, "marks a second \(noun) as the default", "The first one is taken, as KubeSpawner does.")
        }
        members.add("default", .scalar("true"))
    }
}

// MARK: - Slugs

extension ProfileImport {
    /// The slug that KubeSpawner has for it, so that saved choices stay good; nil where Berth makes the same itself.
    private mutating func slug(of item: Item, _ name: String) -> String? {
        let written = item["slug"]?.wordsInPython
        guard let known = written ?? Slug.make(of: name) else {
            return unique(place(item), item, "no slug can be made of \(quoted(name)) here; it gets one of its place")
        }
        guard NameRule.id.allows(known) else {
            if written == nil {
                return slugs.insert(known).inserted ? nil : unique(place(item), item, "its slug is taken")
            }
            let what = "\(quoted(known)) is not a slug that Berth takes"
            return unique(Slug.make(of: known) ?? place(item), item, what)
        }
        if slugs.insert(known).inserted { return known }
        return unique(known, item, "a profile above has the slug \(quoted(known)) already")
    }

    private func place(_ item: Item) -> String { "profile-\(slugs.count + 1)" }

    private mutating func unique(_ wanted: String, _ item: Item, _ why: String) -> String {
        var slug = wanted
        let stem = wanted.prefix(50)
        while !NameRule.id.allows(slug) || !slugs.insert(slug).inserted {
            numbers[wanted, default: 1] += 1
            slug = "\(stem)-\(numbers[wanted, default: 1])"
        }
        note(
            item["slug"] ?? item["display_name"] ?? item, "\(why); it is \(quoted(slug)) here",
            "Choices that users have saved for this profile are no longer found.")
        return slug
    }
}

// MARK: - Overrides

extension ProfileImport {
    /// Nil where there are none.
    mutating func overrides(_ item: Item) -> WrittenYAML? {
        guard let overrides = item["kubespawner_override"] else { return nil }
        guard overrides.isMapping else {
            note(
                overrides, overrides.isPythonCode ? "is Python code" : "is no mapping",
                "Write the traits and their values.")
            return nil
        }
        let members = traits(overrides)
        return members.isEmpty ? nil : .mapping(members)
    }

    /// The traits in a mapping that a configuration can set; the others are noted.
    mutating func traits(_ item: Item) -> [WrittenYAML.Member] {
        item.members.compactMap { trait($0.key, $0.item) }
    }

    mutating func trait(_ name: String, _ value: Item) -> WrittenYAML.Member? {
        canCarry(name, value) ? WrittenYAML.Member(key: name, value: WrittenYAML(value, readBy: reader)) : nil
    }

    private mutating func canCarry(_ name: String, _ value: Item) -> Bool {
        if value.isPythonCode || value.holdsPythonCode {
            note(
                value, "is Python code that KubeSpawner runs at each start",
                "Write the value that it would give, by profile or choice.")
        } else if value.isUnsayable {
            note(value, "holds a number that JSON cannot say", "Quote it, or write another one.")
        } else if name.isEmpty {
            note(value, "is a trait without a name", "Name it.")
        } else if KubeSpawnerTraits.memory.contains(name), let remedy = value.remedyForMemory {
            note(value, "is not a size that KubeSpawner takes: every start with it fails", remedy)
        } else {
            return true
        }
        return false
    }
}

extension Item {
    /// What to write for a size that KubeSpawner refuses; nil for one that it takes.
    fileprivate var remedyForMemory: String? {
        guard case .text(let text)? = scalar?.resolved else { return nil }
        guard text.wholeMatch(of: /\d+(\.\d+)?[KMGT]/) == nil, !text.contains("{value}") else { return nil }
        let meant = text.wholeMatch(of: /(\d+(?:\.\d+)?) ?([kKmMgGtT])i?[bB]?/)
        return "Write a number with K, M, G or T"
            + (meant.map { ", here probably `\($0.1)\($0.2.uppercased())`." } ?? ".")
    }
}
