// SPDX-License-Identifier: Apache-2.0
import Configuration
import Directory
import Identity
import JSONTree
import SpawnModel

extension HubCall {
    /// Whom policy decides about: the server's owner, also where an administrator starts it for them.
    ///
    /// Claims come from the hub's auth state where the deployment trusts it, or from a token in it that is proven;
    /// otherwise they are unknown, and every rule that needs one does not allow. Directory and look-ups add theirs.
    ///
    /// - Returns: nil where somebody has to be asked, which `subject(by:)` does.
    func subjectAtHand(_ sources: SubjectSources) throws(Problem) -> Subject? {
        let claims: JSON?
        if let (token, terms) = try tokenToProve() {
            let known = sources.issuers.issuer(terms).rememberedClaims(of: token, as: deployment.tokenKind)
            guard let known else { return nil }
            claims = known
        } else {
            claims = try claimsOfHub()
        }
        let plain = try plainSubject(claims: claims)
        guard site.hasFurtherSources else { return plain }
        guard let added = try addedAtHand(sources, to: plain) else { return nil }
        return try subject(claims: claims, adding: added)
    }

    /// The same, waiting for whoever has to be asked.
    func subject(by sources: SubjectSources) async throws(Problem) -> Subject {
        try await subjectAndPerson(by: sources).subject
    }

    /// With the directory's entry that the subject's ids come from, where there is one.
    func subjectAndPerson(by sources: SubjectSources) async throws(Problem) -> (subject: Subject, person: Person?) {
        let claims: JSON?
        if let (token, terms) = try tokenToProve() {
            do throws(TokenRefusal) {
                claims = try await sources.issuers.issuer(terms).claims(of: token, as: deployment.tokenKind)
            } catch {
                throw Problem(error)
            }
        } else {
            claims = try claimsOfHub()
        }
        let plain = try plainSubject(claims: claims)
        guard site.hasFurtherSources else { return (plain, nil) }
        let (added, person) = try await added(by: sources, to: plain)
        return (try subject(claims: claims, adding: added), person)
    }

    /// The user as claims and hub say: nothing stands where directory and look-ups will, or a token could speak for them
    /// to the conditions on look-ups.
    private func plainSubject(claims: JSON?) throws(Problem) -> Subject {
        var nothing = AddedClaims()
        for name in site.claimsOfFurtherSources { nothing.add(.null, as: name) }
        return try subject(claims: claims, adding: nothing)
    }

    private func subject(claims: JSON?, adding added: AddedClaims = AddedClaims()) throws(Problem) -> Subject {
        do throws(IdentityError) {
            return try site.subjectReader(for: deployment).subject(
                for: user, claims: claims, deployment: deployment.name, adding: added)
        } catch {
            throw Problem(error)
        }
    }

    /// Nil where this hub sends no tokens.
    ///
    /// - Throws: where it does, and there is none. What stands beside it in the auth state is not taken instead.
    private func tokenToProve() throws(Problem) -> (token: String, IssuerTerms)? {
        guard let terms = site.issuerTerms(for: deployment) else { return nil }
        guard let token = try authState()?[deployment.tokenAuthStateKey], !token.isNull else {
            throw .tokenMissing(deployment.tokenAuthStateKey)
        }
        guard let text = token.string else {
            throw .malformed("auth_state.\(deployment.tokenAuthStateKey)", "must be a token, a string")
        }
        return (text, terms)
    }

    private func claimsOfHub() throws(Problem) -> JSON? {
        guard deployment.trust == .authState else { return nil }
        guard let authState = try authState(),
            let claims = AuthStateClaims.claims(of: authState, under: deployment.userAuthStateKey), !claims.isNull
        else { return nil }
        guard claims.object != nil else {
            throw .malformed("auth_state.\(deployment.userAuthStateKey)", "must be an object of claims")
        }
        return claims
    }

    private func authState() throws(Problem) -> JSON? {
        guard let authState = body["auth_state"], !authState.isNull else { return nil }
        guard authState.kind == .object else { throw .malformed("auth_state", "must be an object or null") }
        return authState
    }
}
