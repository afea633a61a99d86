// SPDX-License-Identifier: Apache-2.0
import Configuration
import Identity
import JSONTree
import SpawnModel

extension HubCall {
    /// Whom policy decides about: the server's owner, also where an administrator starts it for them.
    ///
    /// Claims come from the hub's auth state where the deployment trusts it; otherwise they are unknown, and every
    /// rule that needs one does not allow.
    func subject() throws(Problem) -> Subject {
        let claims = deployment.trust == .authState ? try claims() : nil
        do throws(IdentityError) {
            return try site.subjectReader(for: deployment).subject(
                for: user, claims: claims, deployment: deployment.name)
        } catch {
            throw Problem(error)
        }
    }

    private func claims() throws(Problem) -> JSON? {
        guard let authState = body["auth_state"], !authState.isNull else { return nil }
        guard authState.object != nil else { throw .malformed("auth_state", "must be an object or null") }
        guard let claims = authState[deployment.userAuthStateKey], !claims.isNull else { return nil }
        guard claims.object != nil else {
            throw .malformed("auth_state.\(deployment.userAuthStateKey)", "must be an object of claims")
        }
        return claims
    }
}
