// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Who the client has proven to be: a certificate that one of the configured authorities vouches for.
///
/// A class, so that who has none carries one word.
package final class PeerCertificate: Sendable {
    /// As RFC 2253 writes it, such as `CN=kube-apiserver,O=system:masters`.
    package let subject: String
    /// The common names, then the DNS names and URIs; as the authority wrote them, in their case.
    package let names: [String]

    package init(subject: String, names: [String]) {
        self.subject = subject
        self.names = names
    }

    /// - Parameter certificate: an X509 whose chain has been verified.
    init(_ certificate: OpaquePointer) {
        let subject = X509_get_subject_name(certificate)
        self.subject = subject.map(Self.text) ?? ""
        names = (subject.map(Self.commonNames) ?? []) + Self.alternativeNames(certificate)
    }

    private static func text(_ name: OpaquePointer) -> String {
        guard let memory = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(memory) }
        X509_NAME_print_ex(memory, name, 0, COPENSSL_NAME_FLAGS)
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = BIO_read(memory, &bytes, Int32(bytes.count))
        return String(decoding: bytes.prefix(Int(max(0, count))), as: UTF8.self)
    }

    private static func commonNames(_ name: OpaquePointer) -> [String] {
        var names: [String] = []
        var place = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        while place >= 0 {
            if let text = text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place))) { names.append(text) }
            place = X509_NAME_get_index_by_NID(name, NID_commonName, place)
        }
        return names
    }

    private static func alternativeNames(_ certificate: OpaquePointer) -> [String] {
        guard let found = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let list = OpaquePointer(found)
        defer { GENERAL_NAMES_free(list) }
        return (0..<max(0, OPENSSL_sk_num(list))).compactMap { place in
            guard let entry = OPENSSL_sk_value(list, place)?.assumingMemoryBound(to: GENERAL_NAME.self) else {
                return nil
            }
            switch entry.pointee.type {
            case GEN_DNS: return text(entry.pointee.d.dNSName)
            case GEN_URI: return text(entry.pointee.d.uniformResourceIdentifier)
            default: return nil
            }
        }
    }

    /// With its whole length, so that a NUL inside ends nothing.
    private static func text(_ string: UnsafePointer<ASN1_STRING>?) -> String? {
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&bytes, string)
        guard count >= 0, let bytes else { return nil }
        defer { CRYPTO_free(bytes, nil, 0) }
        return String(validating: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }
}
