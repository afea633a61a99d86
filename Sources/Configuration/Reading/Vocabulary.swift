// SPDX-License-Identifier: Apache-2.0
import SpawnPolicy

/// What `set` blocks and rules may refer to, collected from the tree before either is read.
struct Vocabulary {
    /// Each profile's slug, where it has one.
    let profiles: [String]
    /// Option key to the ids that some profile has for it.
    let options: [String: Set<String>]
    let references: Reference.Names
    /// Traits that `base` gives, so that a list under `spawner` adds to something known.
    let baseTraits: Set<String>
    /// Starts of resource names that only a reservation hands out.
    let gpuPrefixes: [String]

    init(of root: Item) {
        let items = root["profiles"].map { $0.isMapping ? $0.members.map(\.item) : $0.elements } ?? []
        profiles = items.compactMap { $0.text("slug") ?? $0.text("display_name").flatMap(Slug.make) }
        options = Self.options(of: items)
        var references = Reference.Names()
        references.maps = Set(root["maps"]?.members.map(\.key) ?? [])
        references.objects = Self.objects(in: root)
        references.calls = Set(root["calls"]?.members.map(\.key) ?? [])
        references.hasPseudonym = root["identity"]?["pseudonym_key_file"] != nil
        self.references = references
        baseTraits = Set(root["base"]?.members.map(\.key) ?? [])
        let pools = root["pools"]?.members.compactMap { $0.item.text("resource") } ?? []
        let ownPrefixes = pools.compactMap { pool in pool.firstIndex(of: "/").map { String(pool[...$0]) } }
        gpuPrefixes = root["pod"]?.texts("gpu_resource_prefixes") ?? ["nvidia.com/"] + ownPrefixes
    }

    private static func options(of profiles: [Item]) -> [String: Set<String>] {
        var options: [String: Set<String>] = [:]
        for profile in profiles {
            if profile["images"] != nil || profile["custom_image"] != nil {
                options["image", default: []].formUnion(profile.texts("images") ?? [])
            }
            if let gpu = profile["gpu"] {
                let ids = gpu["choices"]?.elements.compactMap { $0.text("id") } ?? [gpu.text("pool") ?? ""]
                options["gpu", default: []].formUnion(ids)
            }
            for (key, option) in profile["profile_options"]?.members ?? [] {
                options[key, default: []].formUnion(option["choices"]?.members.map(\.key) ?? [])
            }
        }
        return options
    }

    /// The keys of all `objects` of all `set` blocks, wherever they stand.
    private static func objects(in item: Item) -> Set<String> {
        var keys = Set(item["set"]?["objects"]?.members.map(\.key) ?? [])
        for element in item.elements { keys.formUnion(objects(in: element)) }
        for (_, member) in item.members { keys.formUnion(objects(in: member)) }
        return keys
    }
}
