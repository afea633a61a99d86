// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import Glibc

/// How a server speaks TLS: 1.2 or 1.3, with its certificate, and with clients' certificates where their authorities are
/// known. Never changed; connections keep the one that they began with.
///
/// Tickets are sealed by keys of this very context, so that whoever was believed under an earlier one is looked at anew.
package final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer
    /// The certificate counts from then until then, in seconds of Unix time.
    package let validFromUnixSeconds: Int64
    package let validUntilUnixSeconds: Int64

    /// How long a client's word is believed without its certificate.
    private static let ticketSeconds = 300
    /// Of TLS 1.2, all with forward secrecy and authenticated encryption; those of 1.3 are all of that kind.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL"

    package init(_ material: TLSMaterial) throws(TLSFault) {
        ERR_clear_error()
        let chain = try PEM.certificates(material.certificate, or: .certificateUnreadable)
        guard let pointer = SSL_CTX_new(TLS_server_method()) else { throw .last() }
        do throws(TLSFault) {
            try TLSContext.settle(pointer)
            try TLSContext.show(chain, in: pointer)
            try TLSContext.use(try PEM.key(material.key), in: pointer)
            try TLSContext.believe(material, in: pointer)
        } catch {
            SSL_CTX_free(pointer)
            throw error
        }
        self.pointer = pointer
        validFromUnixSeconds = X509_get0_notBefore(chain[0].pointer).unixSeconds
        validUntilUnixSeconds = X509_get0_notAfter(chain[0].pointer).unixSeconds
    }

    deinit { SSL_CTX_free(pointer) }

    private static func settle(_ context: OpaquePointer) throws(TLSFault) {
        SSL_CTX_set_options(context, COPENSSL_SERVER_OPTIONS)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        SSL_CTX_ctrl(context, SSL_CTRL_MODE, COPENSSL_SERVER_MODE, nil)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_READ_AHEAD, 1, nil)
        // Sessions rest with the clients, in tickets: nothing here grows with their number.
        SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        SSL_CTX_set_timeout(context, ticketSeconds)
        SSL_CTX_set_num_tickets(context, 1)
        SSL_CTX_set_session_id_context(context, "berth", 5)
        SSL_CTX_set_alpn_select_cb(context, chooseProtocol, nil)
        guard SSL_CTX_set_cipher_list(context, ciphers) == 1 else { throw .last() }
    }

    private static func show(_ chain: [PEM.Certificate], in context: OpaquePointer) throws(TLSFault) {
        guard SSL_CTX_use_certificate(context, chain[0].pointer) == 1 else { throw .last() }
        for certificate in chain.dropFirst() {
            guard SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer(certificate.pointer)) == 1
            else { throw .last() }
        }
    }

    private static func use(_ key: OpaquePointer, in context: OpaquePointer) throws(TLSFault) {
        defer { EVP_PKEY_free(key) }
        let certificate = SSL_CTX_get0_certificate(context)
        guard X509_check_private_key(certificate, key) == 1 else { throw .keyOfAnotherCertificate }
        guard SSL_CTX_use_PrivateKey(context, key) == 1 else { throw .last() }
    }

    /// A certificate that is shown has to be good; whether one has to be shown is the operator's word.
    private static func believe(_ material: TLSMaterial, in context: OpaquePointer) throws(TLSFault) {
        guard let text = material.clientAuthorities else { return }
        let store = SSL_CTX_get_cert_store(context)
        for authority in try PEM.certificates(text, or: .authoritiesUnreadable) {
            guard X509_STORE_add_cert(store, authority.pointer) == 1,
                SSL_CTX_add_client_CA(context, authority.pointer) == 1
            else { throw .last() }
        }
        let must = material.requiresClientCertificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | must, nil)
    }
}

/// Says `http/1.1` where the client offers protocols, and ends the handshake where that is none of them (RFC 7301
/// section 3.2).
private func chooseProtocol(
    _: OpaquePointer?, chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, length: UnsafeMutablePointer<UInt8>?,
    offered: UnsafePointer<UInt8>?, count: UInt32, _: UnsafeMutableRawPointer?
) -> Int32 {
    guard let offered, let chosen, let length else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    let wanted: StaticString = "http/1.1"
    var place = 0
    while place < Int(count) {
        let size = Int(offered[place])
        let name = offered + place + 1
        if size == wanted.utf8CodeUnitCount, memcmp(name, wanted.utf8Start, size) == 0 {
            (chosen.pointee, length.pointee) = (name, UInt8(size))
            return SSL_TLSEXT_ERR_OK
        }
        place += 1 + size
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}

extension UnsafePointer<ASN1_TIME>? {
    /// 0 for a time that is none.
    fileprivate var unixSeconds: Int64 {
        var parts = tm()
        return ASN1_TIME_to_tm(self, &parts) == 1 ? Int64(timegm(&parts)) : 0
    }
}
