// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// What one try to move bytes gave.
package enum Transfer {
    /// So many, at least one. `more`: another try may give more at once; otherwise a new event will tell.
    case bytes(Int, more: Bool)
    case wouldBlock
    /// The peer has ended its side; nothing more will come.
    case ended
    case failed(errno: Int32)
}

/// A connection's bytes on their way in and out, never blocking.
///
/// An enum, so that the plain way costs no indirection; TLS becomes its second case. Whoever uses it knows nothing of
/// what lies between it and the socket.
package enum Transport {
    case plain(descriptor: Int32)

    package var descriptor: Int32 {
        switch self {
        case .plain(let descriptor): descriptor
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
        }
    }

    /// Both in their order as one piece, without a copy of either.
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
        }
    }

    private static func part(_ bytes: UnsafeRawBufferPointer) -> iovec {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }

    /// Tells the peer that nothing more will be sent.
    package func endOutput() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    package func close() { _ = Glibc.close(descriptor) }

    private static func outcome(of code: Int32) -> Transfer {
        code == EAGAIN || code == EWOULDBLOCK ? .wouldBlock : .failed(errno: code)
    }
}
