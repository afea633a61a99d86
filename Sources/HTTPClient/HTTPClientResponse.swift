// SPDX-License-Identifier: Apache-2.0

/// A whole answer, of whatever status: what a status means is the caller's to say.
package struct HTTPClientResponse: Sendable {
    /// 200 to 999.
    package let status: Int
    /// In the peer's order and spelling; folded lines and trailers are left out.
    package let headers: [(name: String, value: String)]
    /// With transfer coding undone. Content coding is not asked for and not undone.
    package let body: [UInt8]
    /// Who answered: after redirects, the last one.
    package let origin: Origin
    /// What Retry-After says, as a span from now; nil when it is missing or says nothing.
    package let retryAfter: Duration?

    /// The field's value; several fields of that name are joined with `, ` (RFC 9110 section 5.3).
    package subscript(name: String) -> String? {
        let wanted = name.lowercased()
        let values = headers.lazy.filter { $0.name.lowercased() == wanted }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

extension HTTPClientResponse: CustomStringConvertible {
    /// Headers and body may hold secrets.
    package var description: String { "\(status) from \(origin), \(body.count) bytes" }
}
