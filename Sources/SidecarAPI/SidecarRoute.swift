// SPDX-License-Identifier: Apache-2.0

/// What a sidecar asks, by path.
enum SidecarRoute: String, CaseIterable {
    /// A sidecar token for the credential.
    case session = "/v1/sidecar/session"
    /// How long the server may still run; and, by POST, what has become of it.
    case walltime = "/v1/sidecar/walltime"
    /// The access token that its user's programs get: `?audience=…`.
    case token = "/v1/sidecar/token"

    func takes(_ method: String) -> Bool {
        switch self {
        case .session: method == "POST"
        case .walltime: method == "GET" || method == "POST"
        case .token: method == "GET"
        }
    }

    var methods: String {
        switch self {
        case .session: "POST"
        case .walltime: "GET, POST"
        case .token: "GET"
        }
    }
}
