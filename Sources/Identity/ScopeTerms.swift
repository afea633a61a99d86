// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// Whose word counts on values such as `member@example.org`: the part behind the `@` names the organisation that is
/// spoken of, and only that organisation may say it.
package struct ScopeTerms: Sendable, Hashable {
    /// Organisations whose word counts, in small letters.
    package let scopes: Set<String>
    /// The claim with the organisation that asserted all this, such as `schac_home_organization`.
    package let claim: ClaimPath?

    package init(scopes: [String], claim: ClaimPath?) {
        self.scopes = Set(scopes.map(\.foldingASCII))
        self.claim = claim
    }

    /// Values of other organisations are passed over. Nil where nothing says whose word would count.
    func names(in texts: [String], claims: JSON, _ path: ClaimPath) throws(IdentityError) -> [String]? {
        var allowed = scopes
        if let asserted = claim.flatMap({ claims.claim(at: $0)?.string }) { allowed.insert(asserted.foldingASCII) }
        guard !allowed.isEmpty else { return nil }
        var names: [String] = []
        for text in texts {
            guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")), at > text.startIndex else {
                throw .malformed(.scoped, path, text)
            }
            let scope = String(text[text.utf8.index(after: at)...]).foldingASCII
            if allowed.contains(scope) { names.append(text[...at] + scope) }
        }
        return names
    }
}
