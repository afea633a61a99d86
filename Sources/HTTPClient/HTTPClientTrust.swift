// SPDX-License-Identifier: Apache-2.0

/// Whom TLS believes, and who we say we are. Verification cannot be turned off.
package struct HTTPClientTrust: Hashable, Sendable {
    /// PEM files; the key is not encrypted.
    package struct ClientCertificate: Hashable, Sendable {
        package var certificateFile: String
        package var keyFile: String

        package init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Authorities in PEM, instead of the system's. Read again some minutes after it was changed.
    package var caFile: String?
    /// Shown to servers that ask for one, but not after a redirect to another origin.
    package var clientCertificate: ClientCertificate?

    package init(caFile: String? = nil, clientCertificate: ClientCertificate? = nil) {
        self.caFile = caFile
        self.clientCertificate = clientCertificate
    }
}
