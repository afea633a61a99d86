// SPDX-License-Identifier: Apache-2.0
import Configuration

extension Site {
    /// The deployment whose hook token `authorization` bears; nil for none.
    ///
    /// Looks at every deployment whatever has matched so far, so that the time says nothing about a guess.
    func deployment(bearing authorization: String?) -> Deployment? {
        guard let authorization, let token = bearerToken(in: authorization) else { return nil }
        var found: Deployment?
        for deployment in deployments where deployment.hookToken.matches(token.utf8) { found = deployment }
        return found
    }

    /// The token of `Bearer TOKEN`, whose scheme may be spelled in any case (RFC 9110 section 11.1).
    private func bearerToken(in authorization: String) -> Substring? {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1]
    }
}
