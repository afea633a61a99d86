// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// An access token as a sidecar gets it. It never prints its value.
package struct HandedToken: Sendable, CustomStringConvertible, CustomReflectable {
    package let accessToken: String
    package let audience: String
    package let expiry: Instant
    package let narrowedBy: Narrowing
    /// A sentence for whoever set the profile up, where the token is good for more than its audience.
    package let warning: String?

    package enum Narrowing: String, Sendable {
        case exchange, scope, nothing
    }

    package var description: String { "(a token for \(audience), until \(expiry))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
