// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import CertificateForge

/// A client's end of TLS without a socket: what it says is handed on by whoever has one, whole, in pieces or not at all.
final class TLSCodec {
    struct Manner {
        /// The only version that is spoken; nil for any.
        var version: Int32?
        /// The name of the certificate that is shown.
        var certificate: String?
    }

    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let toRead: OpaquePointer
    private let toSend: OpaquePointer
    /// The server has ended its side in order.
    private(set) var hasEnded = false
    /// In OpenSSL's words.
    private(set) var failure: String?

    init(_ certificates: Certificates, _ manner: Manner = Manner()) {
        context = SSL_CTX_new(TLS_client_method())
        SSL_CTX_load_verify_file(context, certificates.file("ca", "pem"))
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        if let version = manner.version {
            SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil)
            SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
        }
        if let name = manner.certificate {
            SSL_CTX_use_certificate_file(context, certificates.file(name, "pem"), SSL_FILETYPE_PEM)
            SSL_CTX_use_PrivateKey_file(context, certificates.file(name, "key"), SSL_FILETYPE_PEM)
        }
        ssl = SSL_new(context)
        (toRead, toSend) = (BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()))
        SSL_set_bio(ssl, toRead, toSend)
        SSL_set_connect_state(ssl)
        shakeHands()
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    var isReady: Bool { SSL_is_init_finished(ssl) == 1 }

    func shakeHands() {
        guard failure == nil else { return }
        ERR_clear_error()
        note(SSL_do_handshake(ssl))
    }

    /// What has to go to the server now.
    func takeOutput() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var all: [UInt8] = []
        while case let count = BIO_read(toSend, &bytes, Int32(bytes.count)), count > 0 { all += bytes[..<Int(count)] }
        return all
    }

    /// What goes to the server so that it reads `plain`.
    func encrypted(_ plain: [UInt8]) -> [UInt8] {
        var count = 0
        if !plain.isEmpty { SSL_write_ex(ssl, plain, plain.count, &count) }
        return takeOutput()
    }

    /// What the server said in the bytes that came from it.
    func decrypted(_ bytes: [UInt8]) -> [UInt8] {
        BIO_write(toRead, bytes, Int32(bytes.count))
        guard isReady else {
            shakeHands()
            return isReady ? decrypted([]) : []
        }
        var plain: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            ERR_clear_error()
            var count = 0
            let result = SSL_read_ex(ssl, &buffer, buffer.count, &count)
            guard result == 1 else {
                note(result)
                return plain
            }
            plain += buffer[..<count]
        }
    }

    /// Says that nothing more will be said.
    func end() -> [UInt8] {
        SSL_shutdown(ssl)
        return takeOutput()
    }

    /// Takes new keys and asks the server to do so (RFC 8446 section 4.6.3).
    func changeKeys() {
        SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED)
        SSL_do_handshake(ssl)
    }

    /// Asks for a second handshake, which TLS 1.2 knows.
    func renegotiate() {
        SSL_renegotiate(ssl)
        SSL_do_handshake(ssl)
    }

    var version: String { String(cString: SSL_get_version(ssl)) }

    /// The common name that the server has shown.
    var serverName: String {
        var name = [CChar](repeating: 0, count: 256)
        let certificate = SSL_get1_peer_certificate(ssl)
        defer { X509_free(certificate) }
        let length = X509_NAME_get_text_by_NID(
            X509_get_subject_name(certificate), NID_commonName, &name, Int32(name.count))
        return String(decoding: name.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func note(_ result: Int32) {
        guard result != 1 else { return }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: break
        case SSL_ERROR_ZERO_RETURN: hasEnded = true
        default:
            failure = ERR_reason_error_string(ERR_peek_error()).map { String(cString: $0) } ?? "the connection ended"
        }
    }
}
