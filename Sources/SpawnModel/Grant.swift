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
    package let walltime: Duration?
    package let token: TokenHandOff?
    /// KubeSpawner trait to value: every trait that any profile sets, with the base value where this one does not.
    package let overrides: JSONObject
    /// Traits that some profile sets, this one does not, and no base value is configured for: the hub restores its own.
    package let reset: [String]
    package let posix: PosixIdentity?
    /// Sentences for the user, such as a walltime that was shortened; may be empty.
    package let warnings: [String]

    package init(
        profile: String, profileDisplayName: String, choices: [ChosenOption], image: String?, gpu: GPURequest?,
        walltime: Duration?, token: TokenHandOff?, overrides: JSONObject, reset: [String], posix: PosixIdentity?,
        warnings: [String]
    ) {
        self.profile = profile
        self.profileDisplayName = profileDisplayName
        self.choices = choices
        self.image = image
        self.gpu = gpu
        self.walltime = walltime
        self.token = token
        self.overrides = overrides
        self.reset = reset
        self.posix = posix
        self.warnings = warnings
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

/// The access token that a server gets: narrowed to `audience`, kept fresh in `file` inside the pod.
package struct TokenHandOff: Sendable, Hashable {
    package let audience: String
    package let file: String

    package init(audience: String, file: String) {
        self.audience = audience
        self.file = file
    }
}
