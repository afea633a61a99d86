// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy

extension Reading {
    mutating func policy(_ root: Item, images: [Image], pools: [PoolInUse]) -> Policy {
        let items = profileItems(root["profiles"])
        let profiles = items.compactMap { profile($0, images: images, pools: pools) }
        refuseTwoDefaults(items, "profile")
        refuseRepeats(
            items.compactMap { one in slug(one, &findings).map { ($0, one["slug"] ?? one["display_name"] ?? one) } },
            "slug")
        refuseSharedFields(zip(items.filter(\.isMapping), profiles).map { ($0, $1) })
        checkTraits(root["base"])
        let rules = siteRules(root["rules"])
        return Policy(
            profiles: profiles, base: root.object("base"), rules: rules, maps: maps(root["maps"]),
            objects: objectDeclarations(), calls: programCalls(root["calls"]),
            nothingAllowed: nothingAllowed(root["nothing_allowed"]),
            pseudonymKey: pseudonymKey(root["identity"]?["pseudonym_key_file"]), contact: root.text("contact"))
    }

    /// A list as it stands; a mapping in the order of its keys, as KubeSpawner takes it.
    func profileItems(_ item: Item?) -> [Item] {
        guard let item, item.isMapping else { return item?.elements ?? [] }
        return item.members.sorted { $0.key < $1.key }.map(\.item)
    }

    private mutating func profile(_ item: Item, images: [Image], pools: [PoolInUse]) -> Profile? {
        guard item.isMapping else { return nil }
        let options = options(item, images: images, pools: pools)
        for option in options where option.isForNobody {
            let what = "nobody may have any choice of its option `\(option.key)`, and so nobody may have the profile"
            warn(item, what, "Widen `allow` of a choice, or of an image.")
        }
        checkTraits(item["kubespawner_override"])
        checkNeeds(item, options)
        var set = setBlock(of: item)
        if let idle = item.span("idle"), set.idle == nil {
            set.idle = .replace(idle)
            noteIdle(item["idle"], set.idle)
        }
        return Profile(
            slug: slug(item, &findings) ?? "?", displayName: item.text("display_name") ?? "?",
            description: item.text("description") ?? "", isDefault: item.flag("default") ?? false, allow: allow(item),
            overrides: item.object("kubespawner_override"), options: options, walltime: walltime(item["walltime"]),
            tokens: tokens(item["token"]), switches: switches(item), isHidden: item.flag("hidden") ?? false, set: set,
            line: item.place.line)
    }

    private mutating func options(_ item: Item, images: [Image], pools: [PoolInUse]) -> [ProfileOption] {
        let builtIn = [imageOption(item, images), gpuOption(item, pools)].compactMap(\.self)
        let own = (item["profile_options"]?.members ?? []).compactMap { option($0.item, $0.key) }
        refuseClashes(item, builtIn)
        return builtIn + own
    }

    /// The form's field of an option is made of slug and key: `a` with `b--c` and `a--b` with `c` would share one.
    private mutating func refuseSharedFields(_ profiles: [(item: Item, profile: Profile)]) {
        var owners: [String: String] = [:]
        for (item, profile) in profiles {
            for option in profile.options {
                let field = "\(profile.slug)--\(option.key)"
                guard let owner = owners[field], owner != profile.slug else {
                    owners[field] = profile.slug
                    continue
                }
                let what = "its option `\(option.key)` has the same form field as one of the profile `\(owner)`"
                fault(item, what, "Use no `--` in slugs and keys.")
            }
        }
    }

    /// A profile's own options may not take a key under which Berth reads something else.
    private mutating func refuseClashes(_ item: Item, _ builtIn: [ProfileOption]) {
        let hasSize = builtIn.contains {
            $0.choices.contains { if case .sized? = $0.gpu?.amount { true } else { false } }
        }
        var taken = ["profile": "the choice of the profile"]
        if item["images"] != nil || item["custom_image"] != nil { taken["image"] = "`images` and `custom_image`" }
        if item["gpu"] != nil { taken["gpu"] = "`gpu`" }
        if hasSize { taken["gpu-size"] = "the size of a GPU share" }
        if item["walltime"] != nil { taken["walltime"] = "`walltime`" }
        for (key, option) in item["profile_options"]?.members ?? [] {
            if let owner = taken[key] {
                fault(option, "the key `\(key)` belongs to \(owner)", "Give the option another key.", atKey: true)
            } else if key.hasSuffix("--unlisted-choice") {
                fault(
                    option, "a key that ends in `--unlisted-choice` is a typed value of another option",
                    "Give the option another key.", atKey: true)
            }
        }
    }
}

extension ProfileOption {
    /// Meant for somebody, with choices, none of which is for anybody.
    fileprivate var isForNobody: Bool {
        let isTyped = unlisted.map { Coverage.of($0.allow) != .nobody } ?? false
        return !choices.isEmpty && !isTyped && Coverage.of(allow) != .nobody
            && choices.allSatisfy { Coverage.of($0.allow) == .nobody }
    }
}

// MARK: - Slugs

extension Reading {
    /// The slug that is written, or the one that KubeSpawner would make of the name.
    private func slug(_ item: Item, _ findings: inout Findings) -> String? {
        if let written = item["slug"] { return written.text }
        guard let name = item["display_name"], let text = name.text else { return nil }
        guard let slug = Slug.make(of: text) else {
            let remedy = "Write the `slug` that KubeSpawner has been making of it, so that saved choices stay good."
            let what = "no slug can be made of \(quoted(text)) here"
            findings.fault(Fault(at: name.place, path: name.path.description, what: what, remedy: remedy))
            return nil
        }
        return slug
    }
}

// MARK: - Pods and walltime

extension Reading {
    private func switches(_ item: Item) -> PodSwitches {
        PodSwitches(security: item.text("security").flatMap(PodSecurity.init), lxcfs: item.flag("lxcfs"))
    }

    private mutating func walltime(_ item: Item?) -> WalltimeTerms? {
        guard let item else { return nil }
        if let span = item.span { return WalltimeTerms(standard: span, max: span) }
        guard item.isMapping else { return nil }
        guard let max = item.span("max") ?? item.span("default") else {
            if item.members.isEmpty {
                fault(item, "says neither `default` nor `max`", "Write `walltime: {default: 8h, max: 24h}`.")
            }
            return nil
        }
        let standard = item.span("default") ?? max
        if standard > max, let written = item["default"] {
            fault(
                written, "the default (\(written.text ?? "")) is longer than `max` (\(item.text("max") ?? ""))",
                "Raise `max`, or shorten the default.")
        }
        return WalltimeTerms(
            standard: min(standard, max), max: max, extending: item["extend"].flatMap { extending($0) })
    }

    private mutating func extending(_ item: Item) -> WalltimeExtension? {
        guard let most = item.span("most") else { return nil }
        let by = item.span("by") ?? min(most, .seconds(3600))
        if by > most, let written = item["by"] {
            fault(
                written, "one click would add more (\(written.text ?? "")) than all may (\(item.text("most") ?? ""))",
                "Raise `most`, or shorten `by`.")
        }
        return WalltimeExtension(by: min(by, most), most: most)
    }
}
