// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Why an issuer could not be asked: no fault of the token, and perhaps gone in a moment. No secret is in it.
package enum IssuerError: Error, Sendable, Hashable {
    /// No answer; `reason` is the HTTP client's.
    case unreachable(IssuerEndpoint, reason: String)
    case status(IssuerEndpoint, Int)
    /// An answer that is not what the endpoint gives.
    case unusable(IssuerEndpoint, reason: String)
    /// The discovery document is another issuer's.
    case foreignDocument
    /// The discovery document does not name the endpoint.
    case endpointMissing(IssuerEndpoint)
    /// It names one without TLS though the issuer has TLS, or no URL at all.
    case endpointRefused(IssuerEndpoint)
    /// It publishes no key that Berth can use.
    case noKeys(skipped: Int)
    /// A token names a key that came after the last reading, and the issuer is not asked again for so long.
    case resting(Duration)

    package var code: String {
        switch self {
        case .unreachable: "issuer-unreachable"
        case .status, .unusable: "issuer-answer-unusable"
        case .foreignDocument: "issuer-document-foreign"
        case .endpointMissing, .endpointRefused: "issuer-endpoint-unusable"
        case .noKeys: "issuer-without-keys"
        case .resting: "issuer-keys-resting"
        }
    }
}

extension IssuerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let endpoint, let reason): "the issuer's \(endpoint.words) cannot be reached: \(reason)"
        case .status(let endpoint, let status): "the issuer's \(endpoint.words) answers \(status)"
        case .unusable(let endpoint, let reason): "the issuer's \(endpoint.words) gives an unusable answer: \(reason)"
        case .foreignDocument:
            "the discovery document names another issuer: write `issuer` exactly as the document has it"
        case .endpointMissing(let endpoint): "the discovery document names no \(endpoint.words)"
        case .endpointRefused(let endpoint): "the discovery document names a \(endpoint.words) that is not safe to ask"
        case .noKeys(let skipped):
            "the issuer publishes no key that signs tokens" + (skipped > 0 ? " (\(skipped) are left out)" : "")
        case .resting(let span):
            "the token's key is not among those that were read last, and the issuer is not asked for others in the next "
                + "\(span.wholeSeconds) s (`keys.cooldown`)"
        }
    }
}

/// Why a token's claims are not known: its own fault, or nobody could be asked.
package enum TokenRefusal: Error, Sendable, Hashable {
    case token(TokenError)
    case issuer(IssuerError)
}
