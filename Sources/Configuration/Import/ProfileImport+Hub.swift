// SPDX-License-Identifier: Apache-2.0

/// What the chart's values say of all servers.
struct ImportedHub {
    /// Traits for `base`.
    let base: [WrittenYAML.Member]
    /// Paths of what the chart goes on doing by itself.
    let left: [String]
}

extension ProfileImport {
    /// `singleuser` and `hub.config.KubeSpawner`, as the chart turns them into traits.
    mutating func hub(_ chart: Item, list: ProfileListSource) -> ImportedHub {
        var base: [WrittenYAML.Member] = []
        var left: [String] = []
        for (key, value) in chart["singleuser"]?.members ?? [] where key != "profileList" {
            if !addTrait(key, value, to: &base), !value.isBlank { left.append(value.path.description) }
        }
        if let spawner = chart["hub"]?["config"]?["KubeSpawner"] { add(spawner, to: &base) }
        noteCustom(chart)
        return ImportedHub(base: base, left: left)
    }

    /// Later than the chart's own values, and over them, as in the chart.
    private mutating func add(_ spawner: Item, to base: inout [WrittenYAML.Member]) {
        let own = spawner.members.filter { $0.key != "profile_list" && !$0.item.isNull }
        for (name, value) in own where !ProfileImport.staysWithHub(name) {
            guard let member = trait(name, value) else { continue }
            base.removeAll { $0.key == name }
            base.append(member)
        }
    }

    /// Hooks and forms are the hub's and Berth's own business.
    private static func staysWithHub(_ trait: String) -> Bool {
        trait.hasSuffix("_hook") || trait.hasSuffix("_template") || trait.hasPrefix("options_")
    }

    /// One key of `singleuser`; false where Berth cannot set it without taking something from the chart.
    private mutating func addTrait(_ key: String, _ value: Item, to base: inout [WrittenYAML.Member]) -> Bool {
        switch key {
        case "memory": add(value, ["limit": "mem_limit", "guarantee": "mem_guarantee"], to: &base)
        case "cpu": add(value, ["limit": "cpu_limit", "guarantee": "cpu_guarantee"], to: &base)
        case "extraResource":
            add(value, ["limits": "extra_resource_limits", "guarantees": "extra_resource_guarantees"], to: &base)
        case "image": addImage(value, to: &base)
        case "extraEnv": addEnvironment(value, to: &base)
        default:
            guard let trait = ProfileImport.traits[key] else { return false }
            add(value, trait, to: &base)
        }
        return true
    }

    /// Scalars and mappings; a list would take the place of what the chart puts together, so that lists stay with it.
    private static let traits = [
        "defaultUrl": "default_url", "startTimeout": "start_timeout", "nodeSelector": "node_selector",
        "extraLabels": "extra_labels", "extraAnnotations": "extra_annotations", "lifecycleHooks": "lifecycle_hooks",
        "uid": "uid", "fsGid": "fs_gid", "serviceAccountName": "service_account", "cmd": "cmd",
        "extraPodConfig": "extra_pod_config", "allowPrivilegeEscalation": "allow_privilege_escalation",
    ]

    private mutating func add(_ value: Item, _ traits: [String: String], to base: inout [WrittenYAML.Member]) {
        for (key, member) in value.members {
            if let trait = traits[key] { add(member, trait, to: &base) }
        }
    }

    private mutating func add(_ value: Item, _ trait: String, to base: inout [WrittenYAML.Member]) {
        if !value.isBlank, let member = self.trait(trait, value) { base.append(member) }
    }

    private mutating func addImage(_ value: Item, to base: inout [WrittenYAML.Member]) {
        if let policy = value["pullPolicy"] { add(policy, "image_pull_policy", to: &base) }
        let (name, tag) = (value["name"]?.wordsInPython, value["tag"]?.wordsInPython)
        guard let name, let tag else {
            if name ?? tag != nil {
                note(
                    value, "has one of `name` and `tag` only, so that the image is not known here",
                    "The hub's own is used; set `base.image` to be sure.")
            }
            return
        }
        base.add("image", .text("\(name):\(tag)"))
    }

    /// Without what looks like a secret: the hub goes on setting that, and it belongs into no further file.
    private mutating func addEnvironment(_ value: Item, to base: inout [WrittenYAML.Member]) {
        var variables: [WrittenYAML.Member] = []
        for (name, variable) in value.members where !variable.isNull {
            if SecretWords.match(name), variable.scalar != nil {
                note(
                    variable, "looks like a secret, which may not stand in this file",
                    "The hub still sets it. Better take it from a Kubernetes Secret with `valueFrom`.")
            } else {
                variables.append(WrittenYAML.Member(key: name, value: WrittenYAML(variable, readBy: reader)))
            }
        }
        if !variables.isEmpty { base.add("environment", .mapping(variables)) }
    }
}

// MARK: - Code

extension ProfileImport {
    /// Blocks of Python, in the chart's values, that change what a server gets.
    mutating func noteCode(in root: Item) {
        let words = [
            "profile_list", "kubespawner_override", "pre_spawn_hook", "modify_pod_hook", "options_form", "KubeSpawner",
        ]
        for block in (root["hub"]?["extraConfig"].map { [$0] } ?? []).flatMap(\.leaves) {
            guard let text = block.scalar?.text, let word = words.first(where: { text.contains($0) }) else { continue }
            note(
                block, "is Python code that has to do with `\(word)`",
                "Read it: who may have what becomes `allow`, what it changes in pods goes to the profile or to `pod`; "
                    + "then remove it from the hub."
            )
        }
    }

    /// `custom` is where charts built on this one keep values for their own code.
    private mutating func noteCustom(_ chart: Item) {
        for (_, value) in chart["custom"]?.members ?? [] where !value.isBlank {
            note(
                value, "is read by code of your chart only",
                "If that code changes profiles or pods, write what it does here: `allow`, `base`, `pod`.")
        }
    }
}

extension Item {
    fileprivate var leaves: [Item] { scalar != nil ? [self] : members.flatMap(\.item.leaves) }

    /// Null, or an empty collection: the chart's own value stands.
    fileprivate var isBlank: Bool { isNull || scalar == nil && members.isEmpty && elements.isEmpty }
}
