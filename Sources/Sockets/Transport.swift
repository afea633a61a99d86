// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// What one try to move bytes gave.
package enum Transfer {
    /// So many, at least one. `more`: another try may give more at once; otherwise a new event will tell.
    case bytes(Int, more: Bool)
    case wouldBlock
    /// TLS has to send before it can receive, or to receive before it can send: try again when the socket lets it.
    case waitsForOther
    /// The peer has ended its side; nothing more will come.
    case ended
    case failed(errno: Int32)
}

/// A connection's bytes on their way in and out, never blocking.
///
/// An enum of plain values, so that the plain way costs no indirection and nobody counts owners; `close` is to be called
/// once. Whoever uses it needs to know of TLS only that a handshake comes first.
package enum Transport {
    case plain(descriptor: Int32)
    case secure(TLSSession)

    package var descriptor: Int32 {
        switch self {
        case .plain(let descriptor): descriptor
        case .secure(let session): session.descriptor
        }
    }

    package var isSecure: Bool {
        switch self {
        case .plain: false
        case .secure: true
        }
    }

    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        switch self {
        case .plain(let descriptor):
            while true {
                let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                // A short read has emptied the socket; then the next arrival is a new edge (epoll(7)).
                if count > 0 { return .bytes(count, more: count == buffer.count) }
                if count == 0 { return .ended }
                guard errno == EINTR else { return Transport.outcome(of: errno) }
            }
        case .secure(let session): return session.receive(into: buffer)
        }
    }

    package func send(_ buffer: UnsafeRawBufferPointer) -> Transfer {
        switch self {
        case .plain(let descriptor):
            while true {
                let count = Glibc.send(descriptor, buffer.baseAddress, buffer.count, CLINUX_MSG_NOSIGNAL)
                if count > 0 { return .bytes(count, more: count == buffer.count) }
                guard count < 0, errno == EINTR else { return Transport.outcome(of: errno) }
            }
        case .secure(let session): return session.send(buffer)
        }
    }

    /// Both in their order, without a copy of either; as one piece where nothing lies between. What comes back counts
    /// over both, and `more` may be true with the second still to be sent.
    package func send(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Transfer {
        switch self {
        case .plain(let descriptor):
            var parts = (Self.part(first), Self.part(second))
            return withUnsafeMutablePointer(to: &parts) { parts in
                var message = msghdr()
                message.msg_iov = UnsafeMutableRawPointer(parts).assumingMemoryBound(to: iovec.self)
                message.msg_iovlen = 2
                while true {
                    let count = sendmsg(descriptor, &message, CLINUX_MSG_NOSIGNAL)
                    if count > 0 { return .bytes(count, more: count == first.count + second.count) }
                    guard count < 0, errno == EINTR else { return Transport.outcome(of: errno) }
                }
            }
        case .secure(let session): return session.send(first)
        }
    }

    private static func part(_ bytes: UnsafeRawBufferPointer) -> iovec {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }

    /// Tells the peer that nothing more will be sent. What still comes can only be dropped, so TLS ends here too.
    package mutating func endOutput() {
        takeOffTLS()
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Leaves the socket as it is, without TLS.
    package mutating func takeOffTLS() {
        guard case .secure(let session) = self else { return }
        session.end()
        session.free()
        self = .plain(descriptor: session.descriptor)
    }

    package mutating func close() {
        takeOffTLS()
        _ = Glibc.close(descriptor)
    }

    private static func outcome(of code: Int32) -> Transfer {
        code == EAGAIN || code == EWOULDBLOCK ? .wouldBlock : .failed(errno: code)
    }
}
