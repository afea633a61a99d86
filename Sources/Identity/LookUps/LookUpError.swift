// SPDX-License-Identifier: Apache-2.0

/// Why a look-up gave no answer. The service is named by its origin: URLs hold names, and queries may hold secrets.
package enum LookUpError: Error, Sendable, Hashable, CustomStringConvertible {
    case unreachable(lookUp: String, reason: String)
    case status(lookUp: String, origin: String, Int)
    case unusable(lookUp: String, origin: String, reason: String)
    /// It is `.` or `..`, which is no name in a URL.
    case nameUnfit(lookUp: String)
    /// It is missing, no text or number, or too long.
    case claimUnfit(lookUp: String, ClaimPath)
    /// There is no token of the user's that may be presented.
    case tokenMissing(lookUp: String)
    /// The service does not take the user's token (401, 403).
    case tokenRefused(lookUp: String, origin: String, Int)

    package var lookUp: String {
        switch self {
        case .unreachable(let name, _), .status(let name, _, _), .unusable(let name, _, _), .nameUnfit(let name),
            .claimUnfit(let name, _), .tokenMissing(let name), .tokenRefused(let name, _, _):
            name
        }
    }

    /// Stable names for logs and metrics.
    package var code: String {
        switch self {
        case .unreachable: "lookup-unreachable"
        case .status(_, _, 404): "lookup-not-found"
        case .status: "lookup-refused"
        case .unusable: "lookup-answer-unusable"
        case .nameUnfit: "lookup-name-unusable"
        case .claimUnfit: "lookup-claim-unusable"
        case .tokenMissing: "lookup-token-missing"
        case .tokenRefused: "lookup-token-refused"
        }
    }

    package var description: String {
        switch self {
        case .unreachable(let name, let reason): "the look-up \(name): \(reason)"
        case .status(let name, let origin, 404): "the look-up \(name): \(origin) does not know the user (404)"
        case .status(let name, let origin, let status) where (300..<400).contains(status):
            "the look-up \(name): \(origin) redirects (\(status)), which is not followed. Configure where it leads."
        case .status(let name, let origin, let status):
            "the look-up \(name): \(origin) answers \(status). Check its token and its log."
        case .unusable(let name, let origin, let reason): "the look-up \(name): \(origin) answers what is \(reason)"
        case .nameUnfit(let name): "the look-up \(name): the user's name cannot stand in a URL"
        case .claimUnfit(let name, let path):
            "the look-up \(name): the claim \(path) is missing, or no text or number that can stand in a URL"
        case .tokenMissing(let name):
            "the look-up \(name): the hub has sent no access token of the user's that may be presented"
        case .tokenRefused(let name, let origin, let status):
            "the look-up \(name): \(origin) answers \(status) to the user's own token"
        }
    }
}
