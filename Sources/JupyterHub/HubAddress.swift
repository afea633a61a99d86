// SPDX-License-Identifier: Apache-2.0

/// A hub's own API, as Berth reaches it.
package struct HubAddress: Sendable, Hashable {
    /// Without a slash at its end: `http://hub:8081/hub/api`.
    package let url: String
    /// As an `Authorization` header has it; of a service that may stop servers and read what they do.
    package let authorization: String

    package init(url: String, authorization: String) {
        self.url = url
        self.authorization = authorization
    }
}

/// The token is never printed, whatever asks for a description of it.
extension HubAddress: CustomStringConvertible, CustomReflectable {
    package var description: String { url }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
