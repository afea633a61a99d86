// SPDX-License-Identifier: Apache-2.0
package import Identity

/// Who may look at and change a running Berth, and how each proves it.
package struct AdminTerms: Sendable {
    /// From files; in the order of the configuration.
    package let tokens: [Token]
    /// Hubs whose own tokens count, by the scopes that they say a token has.
    package let hubs: [Hub]
    /// Nil where no identity provider's token counts.
    package let issuer: IssuerRoles?

    package struct Token: Sendable {
        /// Who it is, in the audit.
        package let name: String
        package let role: AdminRole
        package let secret: Secret
    }

    package struct Hub: Sendable, Hashable {
        package let deployment: String
        /// Of its REST API, without a slash at the end.
        package let url: String
    }

    package struct IssuerRoles: Sendable {
        package let terms: IssuerTerms
        /// The user's roles that give each role here.
        package let roles: [AdminRole: [String]]

        /// The highest that one of these gives.
        package func role(of names: [String]) -> AdminRole? {
            AdminRole.allCases.last { role in roles[role]?.contains(where: names.contains) ?? false }
        }
    }
}

/// What somebody may do; each may do what those before it may.
package enum AdminRole: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Look.
    case viewer
    /// Change what runs: drain a node, release a reservation, extend a walltime.
    case `operator`
    /// Change Berth itself: have the configuration read again.
    case admin

    package static func < (a: AdminRole, b: AdminRole) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        }
    }
}
