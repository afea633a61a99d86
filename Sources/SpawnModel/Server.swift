// SPDX-License-Identifier: Apache-2.0

/// One user's running environment at one hub: the default server or a named one.
package struct ServerID: Hashable, Sendable, CustomStringConvertible {
    /// The hub's deployment as the configuration names it; a bearer token decides it, never a request's body.
    package let deployment: String
    /// JupyterHub's user name, as the hub spells it.
    package let user: String
    /// The server's name; empty for the default server.
    package let name: String

    package init(deployment: String, user: String, name: String) {
        self.deployment = deployment
        self.user = user
        self.name = name
    }

    package var description: String { "\(deployment)/\(user)/\(name)" }
}

/// One start of one server, as the hub names it; a retried call carries the same one.
package struct StartID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Nil unless `text` has 1 to 128 characters, all letters, digits, `.`, `_`, `:` or `-`.
    package init?(_ text: String) {
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard allowed, (1...128).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    package var description: String { text }
}
