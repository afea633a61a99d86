// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// Where one issuer's claims say what policy asks for.
package struct ClaimsMapping: Sendable, Hashable {
    /// Nil fits claims of any issuer.
    package let issuer: String?
    /// Claims with an `aud` must name one of these; none asks nothing.
    package let audiences: [String]
    /// What the hub must call whom these claims are about; nil asks nothing.
    package let username: UsernameSource?
    /// The names of all sources are joined; known as soon as one source is there.
    package let roles: [ClaimSource]
    package let groups: [ClaimSource]
    package let entitlements: [ClaimSource]
    /// Roles that everybody has, such as Keycloak's `offline_access`; left out.
    package let rolesIgnored: Set<String>
    package let uid: ClaimPath?
    package let gid: ClaimPath?
    package let supplementalGroups: ClaimPath?

    package init(
        issuer: String? = nil, audiences: [String] = [], username: UsernameSource? = nil,
        roles: [ClaimSource] = [], groups: [ClaimSource] = [], entitlements: [ClaimSource] = [],
        rolesIgnored: Set<String> = [],
        uid: ClaimPath? = nil, gid: ClaimPath? = nil, supplementalGroups: ClaimPath? = nil
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.username = username
        self.roles = roles
        self.groups = groups
        self.entitlements = entitlements
        self.rolesIgnored = rolesIgnored
        self.uid = uid
        self.gid = gid
        self.supplementalGroups = supplementalGroups
    }

    func sources(of kind: NameKind) -> [ClaimSource] {
        switch kind {
        case .roles: roles
        case .groups: groups
        case .entitlements: entitlements
        }
    }

    /// RFC 7519 section 4.1.3: a text or a list of texts. Userinfo claims have none.
    func accepts(audience: JSON?) -> Bool {
        guard let audience, !audience.isNull, !audiences.isEmpty else { return true }
        let named = audience.array?.compactMap(\.string) ?? [audience.string].compactMap { $0 }
        return named.contains(where: audiences.contains)
    }
}
