// SPDX-License-Identifier: Apache-2.0

/// What overlays are made of, and which objects hold them.
package struct OverlayTerms: Sendable, Hashable {
    package enum Objects: String, Sendable, CaseIterable {
        /// One immutable object a person, with nobody else in it.
        case perPerson = "per-person"
        /// One object with everybody, or shards of it; see `SharedOverlay`.
        case shared
    }

    package let objects: Objects
    /// What the objects' names begin with.
    package let prefix: String
    package let base: BaseAccounts
    package let hasNSSwitch: Bool
    /// Set in the server's container by the person's account.
    package let variables: [Variable]

    package enum Variable: String, Sendable, CaseIterable {
        case home = "HOME"
        case user = "USER"
        case loginName = "LOGNAME"
        case shell = "SHELL"

        package func value(for account: Account) -> String {
            switch self {
            case .home: account.home
            case .user, .loginName: account.name
            case .shell: account.shell
            }
        }
    }

    package init(
        objects: Objects = .perPerson, prefix: String = OverlayObject.prefixUsual, base: BaseAccounts = .usual,
        hasNSSwitch: Bool = false, variables: [Variable] = []
    ) {
        self.objects = objects
        self.prefix = prefix
        self.base = base
        self.hasNSSwitch = hasNSSwitch
        self.variables = variables
    }

    /// The object for a pod of `person`: the same one whoever asks, whenever the directory says the same.
    ///
    /// - Parameter gids: what the pod carries beside the person's own groups.
    /// - Returns: nil for somebody without an account, who has no line to write.
    package func object(
        of person: Person, gids: [Int] = [], namespace: String
    ) throws(OverlayError) -> OverlayObject? {
        try person.account.map { account throws(OverlayError) in
            try object(of: account, person.memberships, gids: gids, namespace: namespace)
        }
    }

    /// The same of an account that was read before.
    package func object(
        of account: Account, _ memberships: [Membership], gids: [Int] = [], namespace: String
    ) throws(OverlayError) -> OverlayObject {
        let overlay = try Overlay(
            account, memberships: memberships, gids: gids, base: base, hasNSSwitch: hasNSSwitch)
        return OverlayObject(overlay, of: account.name, namespace: namespace, prefix: prefix)
    }
}
