// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// Turns what a hub knows of a user, and what their token claims say, into the subject that policy decides on.
///
/// The claims are trusted as they come: whoever gives them has verified them, or the deployment trusts its hub to.
package struct SubjectReader: Sendable {
    package let mappings: [ClaimsMapping]

    package init(mappings: [ClaimsMapping]) { self.mappings = mappings }

    /// - Parameter claims: nil or null where the hub has none; then every membership is unknown that the hub itself
    ///   does not give.
    /// - Throws: `IdentityError` when a claim that the mapping names cannot be what it stands for. Nothing is guessed
    ///   from it, since a right may hang on its absence as well as on its presence.
    package func subject(
        for user: HubUser, claims: JSON?, deployment: String
    ) throws(IdentityError) -> Subject {
        guard let claims, !claims.isNull else {
            return Subject(
                name: user.name, isAdmin: user.isAdmin, deployment: deployment, roles: nil,
                groups: joined(nil, user.groups), entitlements: nil, claims: .null, posix: nil)
        }
        guard claims.object != nil else { throw .notAnObject(claims.kind) }
        let mapping = try mapping(for: claims)
        return Subject(
            name: user.name, isAdmin: user.isAdmin, deployment: deployment,
            roles: try claims.names(at: mapping.roles)?.filter { !mapping.rolesIgnored.contains($0) },
            groups: joined(try claims.names(at: mapping.groups), user.groups),
            entitlements: try claims.names(at: mapping.entitlements), claims: claims,
            posix: try claims.posixIdentity(mapping))
    }

    /// The mapping of the claims' issuer. Claims without `iss`, as from a userinfo endpoint, are taken to be from the
    /// only issuer there is; with several, nothing says whose they are.
    private func mapping(for claims: JSON) throws(IdentityError) -> ClaimsMapping {
        let issuer = claims["iss"]?.string
        let candidates = issuer == nil ? mappings : mappings.filter { $0.issuer == nil || $0.issuer == issuer }
        guard let mapping = candidates.first, issuer != nil || candidates.count == 1 else {
            throw .unknownIssuer(issuer)
        }
        guard mapping.accepts(audience: claims["aud"]) else { throw .wrongAudience }
        return mapping
    }

    /// Groups of the claims, then those of the hub. Unknown while neither says anything: a hub that does not manage
    /// groups gives an empty list for everybody.
    private func joined(_ claimed: [String]?, _ hubs: [String]) -> [String]? {
        if claimed == nil, hubs.isEmpty { return nil }
        return ((claimed ?? []) + hubs).withoutRepeats()
    }
}

/// A user as the hub describes them.
package struct HubUser: Sendable, Hashable {
    package let name: String
    package let isAdmin: Bool
    package let groups: [String]

    package init(name: String, isAdmin: Bool, groups: [String]) {
        self.name = name
        self.isAdmin = isAdmin
        self.groups = groups
    }
}
