// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What `${…}` in a `set` block stands for, before its filters.
package struct Reference: Sendable, Hashable {
    package let source: Source
    package let filters: [Filter]
    /// As it was written, without `${` and `}`.
    package let text: String

    package enum Source: Sendable, Hashable {
        case user(UserFact)
        /// Member names, outermost first.
        case claim([String])
        case deployment
        case serverName
        case serverID
        case profile
        case profileTitle
        case option(String)
        case image
        /// A trait of KubeSpawner as the parts before have set it, and members in it.
        case trait([String])
        case map(String, members: [String])
        case object(String)
        case call(String, members: [String])
        /// What was typed.
        case typed
        /// A part of the matched name, or the matched element and members in it.
        case capture(String)
        case each(members: [String])
        /// What the pod's GPU is; in `backends` only, where the pod's patching puts it in.
        case gpu(GPUFact)
        /// What a pool says of its resource and settings; in `backends` only.
        case pool(String)
    }

    package enum UserFact: String, Sendable, CaseIterable {
        case name, admin, uid, gid, groups, roles, entitlements, pseudonym
        case supplementalGroups = "supplemental_groups"
    }
}

extension Reference {
    /// Whether it depends on the match of a `for_each`.
    var isOfMatch: Bool {
        switch source {
        case .capture, .each: true
        default: false
        }
    }

    /// Whether the operator wrote the value, so that nobody else has a say in it.
    var isOperators: Bool {
        switch source {
        case .deployment, .serverID, .profile, .profileTitle, .map, .object: true
        default: false
        }
    }
}
