// SPDX-License-Identifier: Apache-2.0

/// Whom a request goes to (RFC 6454): what connections, breakers and credentials belong to.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Sendable { case http, https }

    package let scheme: Scheme
    /// In lower case; an IPv6 address in brackets.
    package let host: String
    package let port: UInt16

    package init(scheme: Scheme, host: String, port: UInt16) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// `https://idp.example.org:443`: all that errors and logs say of a URL, since paths and queries carry secrets.
    package var description: String { "\(scheme.rawValue)://\(host):\(port)" }
}
