// SPDX-License-Identifier: Apache-2.0
import Configuration

extension Site {
    /// The deployment whose hook token `authorization` bears; nil for none.
    ///
    /// Looks at every deployment whatever has matched so far, so that the time says nothing about a guess.
    func deployment(bearing authorization: String?) -> Deployment? {
        guard let token = authorization.flatMap(bearerToken) else { return nil }
        var found: Deployment?
        for deployment in deployments where deployment.hookToken.matches(token) { found = deployment }
        return found
    }
}

/// The token of `Bearer TOKEN`, whose scheme may be spelled in any case (RFC 9110 section 11.1).
private func bearerToken(in authorization: String) -> [UInt8]? {
    let bytes = Array(authorization.utf8)
    let scheme = Array("bearer ".utf8)
    guard bytes.count > scheme.count else { return nil }
    for (place, letter) in scheme.enumerated() where bytes[place] | 0x20 != letter { return nil }
    return Array(bytes[scheme.count...])
}
