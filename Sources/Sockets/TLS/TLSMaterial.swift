// SPDX-License-Identifier: Apache-2.0

/// What a server shows and believes, in PEM as it stood in files.
package struct TLSMaterial: Sendable {
    /// The server's certificate, then those between it and its authority.
    package var certificate: [UInt8]
    package var key: [UInt8]
    /// Authorities whose word counts for clients' certificates; nil asks no client for one.
    package var clientAuthorities: [UInt8]?
    /// Whether a client without a certificate is turned away.
    package var requiresClientCertificate: Bool

    package init(
        certificate: [UInt8], key: [UInt8], clientAuthorities: [UInt8]? = nil, requiresClientCertificate: Bool = false
    ) {
        self.certificate = certificate
        self.key = key
        self.clientAuthorities = clientAuthorities
        self.requiresClientCertificate = requiresClientCertificate
    }
}

/// Why material cannot be used; each case is something else for an operator to mend.
package enum TLSFault: Error, Hashable, Sendable {
    /// No certificate in PEM, or a broken one.
    case certificateUnreadable
    case keyUnreadable
    /// Nobody is there to be asked for a password.
    case keyEncrypted
    case keyOfAnotherCertificate
    case authoritiesUnreadable
    /// OpenSSL refuses something else, such as a key that is too short: its own words.
    case refused(String)
}
