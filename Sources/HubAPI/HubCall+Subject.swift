// SPDX-License-Identifier: Apache-2.0
import Configuration
import Identity
import JSONTree
import SpawnModel

extension HubCall {
    /// Whom policy decides about: the server's owner, also where an administrator starts it for them.
    ///
    /// Claims come from the hub's auth state where the deployment trusts it, or from a token in it that is proven;
    /// otherwise they are unknown, and every rule that needs one does not allow.
    ///
    /// - Returns: nil where the token was not proven lately, which `subject(by:)` does.
    func subjectAtHand(_ issuers: Issuers) throws(Problem) -> Subject? {
        guard let (token, terms) = try tokenToProve() else { return try subject(claims: claimsOfHub()) }
        guard let claims = issuers.issuer(terms).rememberedClaims(of: token, as: deployment.tokenKind) else {
            return nil
        }
        return try subject(claims: claims)
    }

    /// The same, waiting for the issuer where it has to be asked.
    func subject(by issuers: Issuers) async throws(Problem) -> Subject {
        guard let (token, terms) = try tokenToProve() else { return try subject(claims: claimsOfHub()) }
        let claims: JSON
        do throws(TokenRefusal) {
            claims = try await issuers.issuer(terms).claims(of: token, as: deployment.tokenKind)
        } catch {
            throw Problem(error)
        }
        return try subject(claims: claims)
    }

    private func subject(claims: JSON?) throws(Problem) -> Subject {
        do throws(IdentityError) {
            return try site.subjectReader(for: deployment).subject(
                for: user, claims: claims, deployment: deployment.name)
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
