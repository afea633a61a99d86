// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import Glibc

/// What one try to get on with a handshake gave.
package enum Handshake {
    case done
    case waitsForInput
    case waitsForRoom
    /// The client speaks HTTP without TLS: it can be told so, without TLS.
    case plainHTTP
    /// In OpenSSL's words; what was to be said of it to the client has been said.
    case failed(reason: String)
}

/// One connection's TLS. A plain value, so that it costs no counting of owners: whoever has it frees it, once.
package struct TLSSession {
    let descriptor: Int32
    private let pointer: OpaquePointer

    /// For a connection that has just been accepted. Nil when there is no memory for it; the descriptor stays open.
    package init?(_ context: TLSContext, descriptor: Int32) {
        guard let pointer = SSL_new(context.pointer) else { return nil }
        guard SSL_set_fd(pointer, descriptor) == 1 else {
            SSL_free(pointer)
            return nil
        }
        SSL_set_accept_state(pointer)
        self.descriptor = descriptor
        self.pointer = pointer
    }

    package func shakeHands() -> Handshake {
        ERR_clear_error()
        let result = SSL_do_handshake(pointer)
        if result == 1 { return .done }
        switch SSL_get_error(pointer, result) {
        case SSL_ERROR_WANT_READ: return .waitsForInput
        case SSL_ERROR_WANT_WRITE: return .waitsForRoom
        case SSL_ERROR_SSL:
            let code = ERR_peek_error()
            breakOff()
            if ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST { return .plainHTTP }
            return .failed(reason: TLSReason.words(of: code))
        default:
            breakOff()
            return .failed(reason: "the connection has ended")
        }
    }

    /// Nil where the client has shown none. To be asked after the handshake.
    package var peerCertificate: PeerCertificate? {
        guard SSL_get_verify_result(pointer) == X509_V_OK, let found = SSL_get1_peer_certificate(pointer) else {
            return nil
        }
        defer { X509_free(found) }
        return PeerCertificate(found)
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        ERR_clear_error()
        var count = 0
        let result = SSL_read_ex(pointer, buffer.baseAddress, buffer.count, &count)
        // What OpenSSL has read already is told by no event, so that it is asked until it has no more.
        if result == 1 { return .bytes(count, more: true) }
        return outcome(of: result, waitingFor: SSL_ERROR_WANT_READ)
    }

    /// Takes one record after another, until all is sent or the socket is full.
    func send(_ buffer: UnsafeRawBufferPointer) -> Transfer {
        var sent = 0
        while sent < buffer.count {
            ERR_clear_error()
            var count = 0
            let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
            let result = SSL_write_ex(pointer, rest.baseAddress, rest.count, &count)
            guard result == 1 else {
                if sent > 0 { break }
                return outcome(of: result, waitingFor: SSL_ERROR_WANT_WRITE)
            }
            sent += count
        }
        return .bytes(sent, more: sent == buffer.count)
    }

    private func outcome(of result: Int32, waitingFor own: Int32) -> Transfer {
        let error = SSL_get_error(pointer, result)
        switch error {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return error == own ? .wouldBlock : .waitsForOther
        case SSL_ERROR_ZERO_RETURN: return .ended
        // A stream that ends without a word of it may have been cut by anybody.
        default:
            let code = errno
            breakOff()
            return .failed(errno: error == SSL_ERROR_SYSCALL ? code : EPROTO)
        }
    }

    /// After a failure nothing may be said any more (SSL_shutdown(3)).
    private func breakOff() { SSL_set_quiet_shutdown(pointer, 1) }

    /// Tells the client that nothing more will come, as far as the socket takes it.
    func end() {
        ERR_clear_error()
        if SSL_is_init_finished(pointer) == 1 { _ = SSL_shutdown(pointer) }
    }

    func free() { SSL_free(pointer) }
}
