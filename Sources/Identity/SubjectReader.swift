// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// Turns what a hub knows of a user, and what their token claims say, into the subject that policy decides on.
///
/// The claims are trusted as they come: whoever gives them has verified them, or the deployment trusts its hub to.
package struct SubjectReader: Sendable {
    package let mappings: [ClaimsMapping]
    package let forms: NameForms
    /// Whether claims must be those of whom the hub names, where the mapping tells how.
    package let checksUsername: Bool

    package init(mappings: [ClaimsMapping], forms: NameForms = .asWritten, checksUsername: Bool = true) {
        self.mappings = mappings
        self.forms = forms
        self.checksUsername = checksUsername
    }

    /// - Parameters:
    ///   - claims: nil or null where the hub has none; then every membership is unknown that neither the hub itself nor
    ///     another source gives.
    ///   - added: what other sources say. The claim paths of a mapping may lead into it.
    /// - Throws: `IdentityError` when a claim that the mapping names cannot be what it stands for. Nothing is guessed
    ///   from it, since a right may hang on its absence as well as on its presence.
    package func subject(
        for user: HubUser, claims: JSON?, deployment: String, adding added: AddedClaims = AddedClaims()
    ) throws(IdentityError) -> Subject {
        guard let claims, !claims.isNull else {
            return Subject(
                name: user.name, isAdmin: user.isAdmin, deployment: deployment, roles: nil,
                groups: try joined(nil, user.groups, added.groups), entitlements: nil,
                claims: added.joined(to: nil) ?? .null, hasTokenClaims: false,
                unheard: added.unheard, posix: added.posix)
        }
        guard claims.object != nil else { throw .notAnObject(claims.kind) }
        let mapping = try mapping(for: claims)
        if checksUsername { try mapping.username?.check(user.name, in: claims) }
        let ignored = Set(mapping.rolesIgnored.map(forms.roles.applied))
        let all = added.joined(to: claims) ?? claims
        let unheard = added.unheard
        return Subject(
            name: user.name, isAdmin: user.isAdmin, deployment: deployment,
            roles: try names(of: .roles, in: all, mapping, unheard)?.filter { !ignored.contains($0) },
            groups: try groups(in: all, mapping, unheard, user.groups, added.groups),
            entitlements: try names(of: .entitlements, in: all, mapping, unheard), claims: all,
            unheard: unheard, posix: try posix(added, all, mapping))
    }

    /// - Throws: also where the source of ids was not heard: a pod without them would run as whoever the hub says.
    private func posix(
        _ added: AddedClaims, _ claims: JSON, _ mapping: ClaimsMapping
    ) throws(IdentityError) -> PosixIdentity? {
        if let posix = added.posix { return posix }
        let unheard = added.unheard
        for path in [mapping.uid, mapping.gid, mapping.supplementalGroups].compactMap(\.self)
        where unheard.contains(path.names[0]) {
            throw .idsUnheard(path)
        }
        return try claims.posixIdentity(mapping)
    }

    /// Unknown as a whole where a source of groups was not heard: half of them is none.
    private func groups(
        in claims: JSON, _ mapping: ClaimsMapping, _ unheard: Set<String>, _ hubs: [String],
        _ added: AddedClaims.Groups
    ) throws(IdentityError) -> [String]? {
        let claimed = try names(of: .groups, in: claims, mapping, unheard)
        let isUnheard = mapping.groups.contains { unheard.contains($0.path.names[0]) }
        return isUnheard ? nil : try joined(claimed, hubs, added)
    }

    /// The names of all sources in their form, in order and without repeats; nil when not one of the sources is there,
    /// and when one was not heard.
    private func names(
        of kind: NameKind, in claims: JSON, _ mapping: ClaimsMapping, _ unheard: Set<String>
    ) throws(IdentityError) -> [String]? {
        if mapping.sources(of: kind).contains(where: { unheard.contains($0.path.names[0]) }) { return nil }
        var names: [String]?
        for source in mapping.sources(of: kind) {
            guard let more = try source.names(of: kind, in: claims) else {
                if claims.isElsewhere(source.path) { throw .claimElsewhere(source.path) }
                continue
            }
            try NameLimits.check(more, kind, source.path)
            names = (names ?? []) + more.map(forms[kind].applied)
            try NameLimits.checkCount(names?.count ?? 0, source.path)
        }
        if names == nil, let missing = mapping.sources(of: kind).first?.path, claims.isLightweightToken {
            throw .lightweightToken(missing: missing)
        }
        return names?.withoutRepeats()
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

    /// Groups of the claims, then those of other sources, then those of the hub. Unknown while none says anything: a hub
    /// that does not manage groups gives an empty list for everybody.
    private func joined(
        _ claimed: [String]?, _ hubs: [String], _ added: AddedClaims.Groups
    ) throws(IdentityError) -> [String]? {
        var names = claimed
        switch added {
        case .none: break
        case .these(let more):
            try NameLimits.check(more, .groups, nil)
            names = (names ?? []) + more.map(forms.groups.applied)
        case .unknown: return nil
        }
        if names == nil, hubs.isEmpty { return nil }
        try NameLimits.check(hubs, .groups, nil)
        return ((names ?? []) + hubs.map(forms.groups.applied)).withoutRepeats()
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
