// SPDX-License-Identifier: Apache-2.0
package import Sockets

/// Where Berth listens for those who speak TLS, and what it shows them.
package struct TLSTerms: Sendable {
    package let listen: [ListenAddress]
    package let files: TLSFiles
    /// As the files were when this was read; nil where they were not there, which only a check lets pass.
    package let context: TLSContext?
}

/// The files that a server's TLS is made of. They may be swapped at any time, as kubelet does with mounted secrets.
package struct TLSFiles: Sendable, Hashable {
    package let certificate: String
    package let key: String
    /// Whose word counts for clients' certificates; nil asks for none.
    package let clientAuthorities: String?
    package let requiresClientCertificate: Bool

    /// What the files hold now.
    ///
    /// - Returns: nil where one can't be read, or they do not fit together.
    package func context() -> TLSContext? {
        guard let certificate = bytes(certificate), let key = bytes(key) else { return nil }
        var authorities: [UInt8]?
        if let clientAuthorities {
            guard let read = bytes(clientAuthorities) else { return nil }
            authorities = read
        }
        return try? TLSContext(
            TLSMaterial(
                certificate: certificate, key: key, clientAuthorities: authorities,
                requiresClientCertificate: requiresClientCertificate))
    }

    /// A chain of certificates may be long, a bundle of authorities longer.
    static let bytesMost = 8 << 20

    private func bytes(_ path: String) -> [UInt8]? {
        try? WholeFile.read(path, most: TLSFiles.bytesMost).get().bytes
    }
}

/// What the Kubernetes API server may ask, and what becomes of pods that ask for a GPU without a reservation.
package struct AdmissionTerms: Sendable {
    /// Names in client certificates that may ask; empty lets every certificate of the configured authorities.
    package let clientNames: [String]
    /// Whoever knows the path may ask; nil takes certificates only.
    package let pathSecret: Secret?
    package let unsealed: Unsealed
    /// An answer comes within this, whatever the ledger does.
    package let timeout: Duration

    package enum Unsealed: String, Sendable, CaseIterable {
        case refuse
        /// They are let in, with a warning, a log line and a count.
        case audit
    }
}
