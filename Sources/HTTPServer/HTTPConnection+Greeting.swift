// SPDX-License-Identifier: Apache-2.0
internal import Sockets

extension HTTPConnection {
    /// Gets on with the handshake of TLS, which comes before the first request.
    func greet() {
        guard case .secure(let session) = transport else { preconditionFailure("only TLS begins with a handshake") }
        switch session.shakeHands() {
        case .done:
            watchOutput(false)
            certificate = session.peerCertificate
            // The first request may have come along, and lie in OpenSSL's buffer.
            (phase, mayHaveInput) = (.reading, true)
        case .waitsForInput:
            mayHaveInput = false
            watchOutput(false)
        case .waitsForRoom:
            mayHaveInput = false
            watchOutput(true)
        case .plainHTTP:
            worker.service.noteFailedHandshake(from: peer, reason: "HTTP without TLS")
            transport.takeOffTLS()
            phase = .reading
            refuse(.malformed(.plainAtSecurePort))
        case .failed(let reason):
            worker.service.noteFailedHandshake(from: peer, reason: reason)
            // The client may be in the middle of its request, and should find the alert and no reset.
            (phase, closesAfterOutput, lingers) = (.reading, true, true)
        }
    }
}
