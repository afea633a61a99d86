// SPDX-License-Identifier: Apache-2.0
package import Sockets

/// A whole request: its head, its body with any transfer coding undone, and who sent it.
package struct HTTPRequest: Sendable {
    package let head: HTTPRequestHead
    package let body: [UInt8]
    package let peer: PeerAddress

    package init(head: HTTPRequestHead, body: [UInt8], peer: PeerAddress) {
        self.head = head
        self.body = body
        self.peer = peer
    }

    /// Address and port, or `unix`.
    package var remote: String { peer.description }
}
