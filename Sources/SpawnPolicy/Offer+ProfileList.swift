// SPDX-License-Identifier: Apache-2.0
package import JSONTree

extension Offer {
    /// The offer as KubeSpawner's `profile_list`, for a hub that draws KubeSpawner's own form.
    ///
    /// Display names and descriptions stand as the operator wrote them, HTML included, since KubeSpawner's template
    /// puts them into the page as they are and operators use that; nothing from a user gets in. The default is the
    /// subject's, not their last choice, so that a start without options means the same at both ends. A GPU share's
    /// size appears as a list of sizes; a walltime cannot be asked for in this form.
    package var profileList: JSON { JSON(profiles.map(\.profileListEntry)) }
}

extension OfferedProfile {
    fileprivate var profileListEntry: JSON {
        var entry: JSONObject = ["display_name": JSON(displayName), "slug": JSON(slug)]
        if !description.isEmpty { entry["description"] = JSON(description) }
        if isDefault { entry["default"] = true }
        entry["kubespawner_override"] = JSON(overrides)
        var options = self.options.map { ($0.key, $0.profileListEntry) }
        if let sizeOption { options.append((Key.gpuSize, sizeOption)) }
        if !options.isEmpty { entry["profile_options"] = JSON(JSONObject(firstOfEach: options)) }
        return JSON(entry)
    }

    /// The sizes of all shares of this profile, ascending; the first entry is empty where the user must say.
    private var sizeOption: JSON? {
        let offers = options.lazy.flatMap(\.choices).compactMap(\.gpu?.sizes)
        guard let first = offers.first else { return nil }
        let sizes = Set(offers.flatMap(\.shown)).sorted()
        var choices = sizes.map { size in
            (String(size), sizeChoice("\(size) GiB", isDefault: size == first.standard))
        }
        if first.standard == nil { choices.insert(("", sizeChoice("Choose a size", isDefault: true)), at: 0) }
        return ["display_name": "GPU memory", "choices": JSON(JSONObject(firstOfEach: choices))]
    }

    private func sizeChoice(_ name: String, isDefault: Bool) -> JSON {
        isDefault
            ? ["display_name": JSON(name), "default": true, "kubespawner_override": .emptyObject]
            : ["display_name": JSON(name), "kubespawner_override": .emptyObject]
    }
}

extension OfferedOption {
    /// `choices` is always there: KubeSpawner's template goes through it without looking.
    fileprivate var profileListEntry: JSON {
        let choices = self.choices.map { ($0.id, $0.profileListEntry) }
        var entry: JSONObject = [
            "display_name": JSON(displayName), "choices": JSON(JSONObject(firstOfEach: choices)),
        ]
        if let unlisted { entry["unlisted_choice"] = unlisted.profileListEntry }
        return JSON(entry)
    }
}

extension OfferedChoice {
    fileprivate var profileListEntry: JSON {
        var entry: JSONObject = ["display_name": JSON(displayName)]
        if isDefault { entry["default"] = true }
        entry["kubespawner_override"] = JSON(overrides)
        return JSON(entry)
    }
}

extension UnlistedChoice {
    fileprivate var profileListEntry: JSON {
        var entry: JSONObject = [
            "enabled": true, "display_name": JSON(displayName), "display_name_in_choices": JSON(displayNameInChoices),
        ]
        if let validationRegex { entry["validation_regex"] = JSON(validationRegex) }
        if let validationMessage { entry["validation_message"] = JSON(validationMessage) }
        entry["kubespawner_override"] = JSON(layer)
        return JSON(entry)
    }
}

extension JSONObject {
    /// Keys come from the file, which is checked for repeats; should one slip through, its first value stands.
    fileprivate init(firstOfEach pairs: [(String, JSON)]) {
        var seen: Set<ExactText> = []
        self.init(uniqueMembers: pairs.filter { seen.insert(ExactText($0.0)).inserted })
    }
}

extension ShareSizes {
    /// At most 256 of the sizes, evenly spread, the least among them: a list that a page can hold.
    fileprivate var shown: [Int] {
        guard min <= max else { return [] }
        let step = Swift.max(step, 1)
        let count = (max - min) / step + 1
        let stride = (count + 255) / 256
        return (0..<count).lazy.filter { $0 % stride == 0 }.map { min + $0 * step } + (standard.map { [$0] } ?? [])
    }
}
