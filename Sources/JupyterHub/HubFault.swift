// SPDX-License-Identifier: Apache-2.0

/// Why a hub did not do what it was asked.
package enum HubFault: Error, Sendable, CustomStringConvertible {
    /// It could not be asked, or did not answer as a hub does; later it may, and perhaps it says when.
    case away(String, retryAfter: Duration? = nil)
    /// It does not know Berth's token, or the token's service lacks the scope.
    case notAllowed(status: Int, scope: String)
    /// It and Berth are set up in ways that do not fit; no waiting mends it.
    case misfit(String)
    /// The user has to log in again before the hub can act for them at the identity provider.
    case loginExpired

    package var description: String {
        switch self {
        case .away(let reason, _): "the hub cannot be asked: \(reason)"
        case .notAllowed(let status, let scope):
            "the hub answers with status \(status): the service whose token is in `hub_api` needs the scope \(scope)"
        case .misfit(let reason): "the hub and Berth do not fit together: \(reason)"
        case .loginExpired: "the identity provider does not renew the user's login any more"
        }
    }
}
