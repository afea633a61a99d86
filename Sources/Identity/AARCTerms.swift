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
            guard let entitlement = try entitlement(text, path), counts(entitlement) else { continue }
            names += self.names(of: kind, entitlement)
            // Each may be several names: a long list ends here, not when all of them are made.
            try NameLimits.checkCount(names.count, path)
        }
        return names
    }

    /// Nil where it is not one of ours. Its length is checked before its parts are looked at.
    private func entitlement(_ text: String, _ path: ClaimPath) throws(IdentityError) -> AARCEntitlement? {
        guard text.utf8.count <= NameLimits.bytesMax(.entitlements) else {
            if isOurs(text) { throw .nameTooLong(path, text.utf8.count) }
            return nil
        }
        if let entitlement = AARCEntitlement(text) { return entitlement }
        if isOurs(text) { throw .malformed(.aarc, path, text) }
        return nil
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
