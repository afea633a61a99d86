// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// What is worked out once from the file, so that a request only looks it up.
struct PolicyTables: Sendable {
    let placeBySlug: [String: Int]
    /// In the order of first mention: the base, then profile by profile.
    let traits: [String]

    let rules: RuleTables

    init(profiles: [Profile], base: JSONObject, rules: [SiteRule]) {
        self.rules = RuleTables(rules)
        placeBySlug = Dictionary(profiles.enumerated().lazy.map { ($1.slug, $0) }) { first, _ in first }
        var seen = Set(base.keys)
        let set = profiles.lazy.flatMap(\.traits) + rules.lazy.flatMap(\.set.traitNames)
        traits = base.keys + set.filter { seen.insert($0).inserted }
    }
}

extension Policy {
    /// Every KubeSpawner trait that a profile, choice or free text of this policy sets, and every one in `base`.
    package var traits: [String] { tables.traits }

    package func profile(_ slug: String) -> Profile? { tables.placeBySlug[slug].map { profiles[$0] } }
}

extension Profile {
    /// The keys that `user_options` may have for this profile, apart from `profile`.
    var optionKeys: Set<String> {
        var keys = Set(options.flatMap { [$0.key, typedKey($0.key)] })
        if options.contains(where: { $0.choices.contains { $0.gpu?.sizes != nil } }) { keys.insert(Key.gpuSize) }
        if walltime != nil { keys.insert(Key.walltime) }
        return keys
    }

    fileprivate var traits: [String] {
        overrides.keys + set.traitNames
            + options.flatMap { option in
                option.choices.flatMap { $0.layer.keys + $0.set.traitNames }
                    + (option.unlisted.map { $0.layer.keys + $0.set.traitNames } ?? [])
            }
    }
}

extension SetBlock {
    /// The traits that it names; a trait's name has no references.
    var traitNames: [String] { traits?.names ?? [] }
}

extension ProfileOption {
    var isImage: Bool { key == Key.image || unlisted?.setsImage == true }

    /// Where nothing listed can be had. An image may be left out where no list was declared: the hub has its own then.
    func mustType(_ unlisted: UnlistedChoice) -> Bool { !(unlisted.isImage && choices.isEmpty) }
}

extension UnlistedChoice {
    /// All that the text sets; for an image that is the trait `image`, with or without an override that says so.
    var layer: JSONObject {
        var layer = overrides
        if isImage, layer[Key.image] == nil { layer[Key.image] = "{value}" }
        return layer
    }
}

extension GPUOffer {
    package var sizes: ShareSizes? {
        switch amount {
        case .sized(let sizes): sizes
        case .fixed: nil
        }
    }
}
