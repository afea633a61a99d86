// SPDX-License-Identifier: Apache-2.0
import Configuration

extension Site {
    /// The deployment whose hook token `authorization` bears; nil for none.
    ///
    /// Looks at every deployment whatever has matched so far, so that the time says nothing about a guess.
    func deployment(bearing authorization: String?) -> Deployment? {
        guard let authorization, let token = bearerToken(in: authorization) else { return nil }
        let bytes = authorization.utf8Span.span.extracting(token)
        // By index, since a loop over the deployments would be handed a copy of each.
        var found: Int?
        for place in deployments.indices where deployments[place].hookToken.matches(bytes) { found = place }
        return found.map { deployments[$0] }
    }
}

/// Where the token stands in `Bearer TOKEN`, whose scheme may be spelled in any case (RFC 9110 section 11.1).
private func bearerToken(in authorization: String) -> Range<Int>? {
    let scheme: StaticString = "bearer "
    let bytes = authorization.utf8Span.span
    guard bytes.count > scheme.utf8CodeUnitCount else { return nil }
    for place in 0..<scheme.utf8CodeUnitCount where bytes[place] | 0x20 != scheme.utf8Start[place] { return nil }
    return scheme.utf8CodeUnitCount..<bytes.count
}
