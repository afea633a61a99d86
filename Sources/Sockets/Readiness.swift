// SPDX-License-Identifier: Apache-2.0
internal import CLinux

/// What a handler wants to be told about its descriptor. Errors and hang-ups are always told.
package struct Interest: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let input = Interest(rawValue: CLINUX_EPOLLIN)
    package static let output = Interest(rawValue: CLINUX_EPOLLOUT)
    /// The peer has ended its side.
    package static let peerEnd = Interest(rawValue: CLINUX_EPOLLRDHUP)
    /// Tell only what is new; the handler then goes on until the kernel has no more.
    package static let edges = Interest(rawValue: CLINUX_EPOLLET)
    /// Several loops wait on one socket, and one of them is enough.
    package static let exclusive = Interest(rawValue: CLINUX_EPOLLEXCLUSIVE)
}

/// What has happened to a descriptor. Not an option set: those are built and compared by generic code, which costs on
/// each event.
package struct Readiness: Sendable {
    private let bits: UInt32

    init(bits: UInt32) { self.bits = bits }

    /// There are bytes, or connections, or the peer's end.
    package var hasInput: Bool { bits & (CLINUX_EPOLLIN | CLINUX_EPOLLRDHUP) != 0 }
    package var hasRoom: Bool { bits & CLINUX_EPOLLOUT != 0 }
    /// The peer has ended its side.
    package var peerHasEnded: Bool { bits & CLINUX_EPOLLRDHUP != 0 }
    /// Both sides have ended, or the connection is broken: nothing can be sent any more.
    package var isBroken: Bool { bits & (CLINUX_EPOLLHUP | CLINUX_EPOLLERR) != 0 }
}
