// SPDX-License-Identifier: Apache-2.0

/// What follows `Bearer` in an Authorization header, whose scheme may be spelled in any case (RFC 9110 section 11.1).
package struct BearerToken: Sendable {
    package let text: String

    /// Nil for anything that RFC 6750 section 2.1 does not allow, and for what is longer than any token.
    package init?(_ header: String?) {
        let scheme = "bearer "
        guard let header, header.prefix(scheme.count).lowercased() == scheme else { return nil }
        let token = header.dropFirst(scheme.count)
        guard (1...8192).contains(token.utf8.count), token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        text = String(token)
    }
}
