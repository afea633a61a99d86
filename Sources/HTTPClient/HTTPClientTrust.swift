// SPDX-License-Identifier: Apache-2.0

/// Whom TLS believes, and who we say we are. Verification cannot be turned off.
package struct HTTPClientTrust: Hashable, Sendable {
    /// In PEM; the key is not encrypted.
    package struct ClientCertificate: Hashable, Sendable {
        package var certificate: PEM
        package var key: PEM

        package init(certificate: PEM, key: PEM) {
            self.certificate = certificate
            self.key = key
        }

        package init(certificateFile: String, keyFile: String) {
            self.init(certificate: .file(certificateFile), key: .file(keyFile))
        }
    }

    /// Authorities, instead of the system's. A file is read again some minutes after it was changed.
    package var authorities: PEM?
    /// Shown to servers that ask for one, but not after a redirect to another origin.
    package var clientCertificate: ClientCertificate?

    package init(authorities: PEM?, clientCertificate: ClientCertificate? = nil) {
        self.authorities = authorities
        self.clientCertificate = clientCertificate
    }

    package init(caFile: String? = nil, clientCertificate: ClientCertificate? = nil) {
        self.init(authorities: caFile.map { .file($0) }, clientCertificate: clientCertificate)
    }
}

/// Certificates or a key in PEM, where they are kept or as they are: what came as bytes is never written to a disk.
package enum PEM: Hashable, Sendable {
    case file(String)
    case bytes([UInt8])
}

/// Bytes may be a key, and are not printed by what holds them.
extension PEM: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        switch self {
        case .file(let path): path
        case .bytes(let bytes): "(\(bytes.count) bytes of PEM)"
        }
    }

    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
