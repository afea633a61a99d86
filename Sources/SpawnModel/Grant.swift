// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// What policy allows for one start of one server; nothing is held yet.
package struct Grant: Sendable, Hashable {
    /// The profile's slug.
    package let profile: String
    package let profileDisplayName: String
    /// The checked choice per option key, in the profile's order.
    package let choices: [ChosenOption]
    /// What the server's container runs; nil leaves the hub's own image.
    package let image: String?
    package let gpu: GPURequest?
    /// The longest the server may run; nil for no limit.
    package var walltime: Duration?
    /// What its user may add to that; nil for nothing.
    package let extending: WalltimeExtension?
    /// How long it may be unused before somebody stops it; nil for no limit.
    package let idle: Duration?
    /// Of files and audiences of their own; the first is the one that programs look for.
    package let tokens: [TokenHandOff]
    /// KubeSpawner trait to value: every trait that any profile sets, with the base value where this one does not.
    package let overrides: JSONObject
    /// Traits that some profile sets, this one does not, and no base value is configured for: the hub restores its own.
    package let reset: [String]
    /// What becomes of the pod that the hub makes, in the order in which it is applied.
    package let changes: [PodChange]
    /// What the profile says of its pods in place of the site.
    package let switches: PodSwitches
    /// Kubernetes objects beside the pod.
    package var objects: [SessionObject]
    package let posix: PosixIdentity?
    /// The rules that had a say, as messages name them.
    package let rules: [String]
    /// The same start from other GPU capacity, by preference: to be tried where this one's is not free.
    package var alternatives: [Grant] = []
    /// Sentences for the user, such as a walltime that was shortened; may be empty.
    package var warnings: [String]

    package init(
        profile: String, profileDisplayName: String, choices: [ChosenOption], image: String?, gpu: GPURequest?,
        walltime: Duration?, extending: WalltimeExtension? = nil, idle: Duration? = nil, tokens: [TokenHandOff],
        overrides: JSONObject, reset: [String],
        changes: [PodChange] = [], switches: PodSwitches = PodSwitches(), objects: [SessionObject] = [],
        posix: PosixIdentity?, rules: [String] = [],
        warnings: [String]
    ) {
        self.profile = profile
        self.profileDisplayName = profileDisplayName
        self.choices = choices
        self.image = image
        self.gpu = gpu
        self.walltime = walltime
        self.extending = extending
        self.idle = idle
        self.tokens = tokens
        self.overrides = overrides
        self.reset = reset
        self.changes = changes
        self.switches = switches
        self.objects = objects
        self.posix = posix
        self.rules = rules
        self.warnings = warnings
    }
}

extension Grant {
    /// Where the start's traits say that the pod may run, as a pod's spec has it; an empty object where they do not.
    package var placement: JSON {
        var spec = JSONObject()
        for (trait, key) in [
            ("node_selector", "nodeSelector"), ("tolerations", "tolerations"),
            ("runtime_class_name", "runtimeClassName"), ("scheduler_name", "schedulerName"),
        ] {
            guard let value = overrides[trait], !value.isNull else { continue }
            spec[key] = value
        }
        return JSON(spec)
    }
}

/// One option's chosen value.
package struct ChosenOption: Sendable, Hashable {
    package let key: String
    /// The choice's id, or the text itself where it was typed.
    package let value: String
    package let isUnlisted: Bool

    package init(key: String, value: String, isUnlisted: Bool) {
        self.key = key
        self.value = value
        self.isUnlisted = isUnlisted
    }
}
