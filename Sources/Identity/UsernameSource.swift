// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// The name that a hub gives a user, as it can be told from claims. Claims that say another name are another person's.
package struct UsernameSource: Sendable, Hashable {
    /// At least one; their values are joined, such as Entra's `tid` and `oid`, which only together name one person.
    package let claims: [ClaimPath]
    package let joint: String
    /// JupyterHub makes names small unless told otherwise, so that is how they are compared unless told otherwise.
    package let foldsCase: Bool
    /// The hub's name is the part before this: `ana` for `ana@example.org`. Another domain is another person.
    package let domain: String?

    package init(claims: [ClaimPath], joint: String = "", foldsCase: Bool = true, domain: String? = nil) {
        self.claims = claims
        self.joint = joint
        self.foldsCase = foldsCase
        self.domain = domain
    }

    /// - Throws: `noUsername` where the claims do not say it, `otherUsername` where they say another one.
    func check(_ name: String, in claims: JSON) throws(IdentityError) {
        let claimed = try self.name(in: claims)
        guard compared(claimed).utf8.elementsEqual(compared(name).utf8) else {
            throw .otherUsername(hub: name, claims: claimed)
        }
    }

    private func name(in claims: JSON) throws(IdentityError) -> String {
        var parts: [String] = []
        for path in self.claims {
            guard let value = claims.claim(at: path), let part = value.string ?? value.int.map(String.init) else {
                throw .noUsername(path)
            }
            try NameLimits.check([part], .groups, path)
            guard !part.isEmpty else { throw .noUsername(path) }
            parts.append(part)
        }
        return try withoutDomain(parts.joined(separator: joint))
    }

    private func withoutDomain(_ name: String) throws(IdentityError) -> String {
        guard let domain else { return name }
        guard let at = name.utf8.lastIndex(of: UInt8(ascii: "@")), at > name.startIndex,
            String(name[name.utf8.index(after: at)...]).foldingASCII == domain.foldingASCII
        else { throw .otherDomain(name, wanted: domain) }
        return String(name[..<at])
    }

    private func compared(_ name: String) -> String { foldsCase ? name.foldingCase : name }
}
