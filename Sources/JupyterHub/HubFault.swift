// SPDX-License-Identifier: Apache-2.0

/// Why a hub did not do what it was asked.
package enum HubFault: Error, Sendable, CustomStringConvertible {
    /// It could not be asked, or did not answer as a hub does; later it may.
    case away(String)
    /// It leaves out what only services with the scope see.
    case scopeMissing(String)
    /// It does not know Berth's token, or the token's service lacks the scope.
    case notAllowed(status: Int, scope: String)

    package var description: String {
        switch self {
        case .away(let reason): "the hub cannot be asked: \(reason)"
        case .scopeMissing(let scope):
            "the hub shows no servers: the service whose token is in `hub_api` needs the scope \(scope)"
        case .notAllowed(let status, let scope):
            "the hub answers with status \(status): the service whose token is in `hub_api` needs the scope \(scope)"
        }
    }
}
