// SPDX-License-Identifier: Apache-2.0

/// Which AARC entitlements of a claim count.
///
/// Anybody's entitlements may ride in the claim, so trust comes from the token's issuer and from this list: entitlements
/// of other namespaces or authorities, capabilities (AARC-G027, `:res:`), other URNs and plain URLs are passed over.
package struct AARCTerms: Sendable, Hashable {
    /// In small letters; at least one. A sub-namespace is another namespace.
    package let namespaces: Set<String>
    /// Empty: the authority says nothing.
    package let authorities: Set<String>
    /// Whether a member of `lab:hydrology` is one of `lab` too.
    package let impliesParents: Bool

    package init(namespaces: [String], authorities: [String] = [], impliesParents: Bool = false) {
        self.namespaces = Set(namespaces.map(\.foldingASCII))
        self.authorities = Set(authorities)
        self.impliesParents = impliesParents
    }

    func names(of kind: NameKind, in texts: [String], _ path: ClaimPath) throws(IdentityError) -> [String] {
        var names: [String] = []
        for text in texts {
            guard let entitlement = AARCEntitlement(text) else {
                if isOurs(text) { throw .malformed(.aarc, path, text) }
                continue
            }
            if counts(entitlement) { names += self.names(of: kind, entitlement) }
        }
        return names
    }

    private func counts(_ entitlement: AARCEntitlement) -> Bool {
        guard namespaces.contains(entitlement.namespace) else { return false }
        return authorities.isEmpty || entitlement.authority.map(authorities.contains) ?? false
    }

    /// Meant as a group of an allowed namespace, however it goes on: passing it over could hide a membership.
    private func isOurs(_ text: String) -> Bool {
        let folded = text.foldingASCII
        return namespaces.contains { folded.utf8.starts(with: ($0 + ":group:").utf8) }
    }

    private func names(of kind: NameKind, _ entitlement: AARCEntitlement) -> [String] {
        switch kind {
        case .groups: [entitlement.groupName] + (impliesParents ? entitlement.parentNames.reversed() : [])
        case .roles: entitlement.roleName.map { [$0] } ?? []
        case .entitlements: entitlement.texts(withParents: impliesParents)
        }
    }
}
