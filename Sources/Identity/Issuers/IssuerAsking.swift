// SPDX-License-Identifier: Apache-2.0

/// Asks an issuer over HTTP.
package protocol IssuerAsking: Sendable {
    /// The answer, of whatever status. Redirects are not followed: a token or secret must not go elsewhere.
    ///
    /// - Throws: `IssuerError.unreachable` when none came in time, or one larger than asked for.
    func ask(_ question: IssuerQuestion) async throws(IssuerError) -> IssuerAnswer
}

package struct IssuerQuestion: Sendable {
    package let endpoint: IssuerEndpoint
    package let url: String
    /// Tokens and credentials may be among them.
    package let headers: [(name: String, value: String)]
    /// Nil asks by GET; else a form for POST. Asking twice does no harm either way.
    package let form: [UInt8]?
    package let bytesMax: Int
    package let timeout: Duration

    init(
        _ endpoint: IssuerEndpoint, _ url: String, headers: [(name: String, value: String)] = [], form: [UInt8]? = nil
    ) {
        self.endpoint = endpoint
        self.url = url
        self.headers = [("Accept", "application/json")] + headers
        self.form = form
        bytesMax = KeySet.bytesMost
        timeout = .seconds(10)
    }
}

package struct IssuerAnswer: Sendable {
    package let status: Int
    package let body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// What an issuer can be asked.
package enum IssuerEndpoint: String, Sendable, Hashable {
    case discovery, keys, introspection, userinfo, token

    var words: String {
        switch self {
        case .discovery: "discovery document"
        case .keys: "key set"
        case .introspection: "introspection endpoint"
        case .userinfo: "userinfo endpoint"
        case .token: "token endpoint"
        }
    }
}
