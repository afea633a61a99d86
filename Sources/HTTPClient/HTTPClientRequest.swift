// SPDX-License-Identifier: Apache-2.0

/// A question to another service.
package struct HTTPClientRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case options = "OPTIONS"
        case put = "PUT"
        case delete = "DELETE"
        case post = "POST"
        case patch = "PATCH"

        /// Asking twice has the effect of asking once (RFC 9110 section 9.2.2).
        package var isIdempotent: Bool {
            switch self {
            case .get, .head, .options, .put, .delete: true
            case .post, .patch: false
            }
        }
    }

    package var method: Method
    /// http or https, without a user or password in it.
    package var url: String
    /// Sent in this order. Host, User-Agent and whatever frames the body are the client's own.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// The request may be sent again when an answer fails to come. A look-up by POST says so itself.
    package var isRepeatable: Bool
    /// How many redirects are followed, of GET and HEAD only; by default none, and the 3xx answer is returned.
    package var redirectsMax = 0
    /// From `send` to the last byte, with all waiting and repeating; nil is `HTTPClientLimits.requestTimeout`.
    package var timeout: Duration?
    /// The largest body of an answer; nil is `HTTPClientLimits.bodyBytes`.
    package var bodyBytesMax: Int?

    package init(
        _ method: Method,
        _ url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        isRepeatable = method.isIdempotent
    }
}

extension HTTPClientRequest: CustomStringConvertible {
    /// Method and peer; headers, path and query may hold secrets.
    package var description: String {
        "\(method.rawValue) \((try? WebAddress(url))?.origin.description ?? "(a malformed URL)")"
    }
}
