// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import Glibc

/// Certificates and keys as files hold them (RFC 7468).
enum PEM {
    final class Certificate {
        let pointer: OpaquePointer
        fileprivate init(_ pointer: OpaquePointer) { self.pointer = pointer }
        deinit { X509_free(pointer) }
    }

    /// All of them, in their order; at least one.
    static func certificates(_ text: [UInt8], or fault: TLSFault) throws(TLSFault) -> [Certificate] {
        let source = try Source(text)
        var certificates: [Certificate] = []
        while let pointer = PEM_read_bio_X509(source.bio, nil, refusePassword, nil) {
            certificates.append(Certificate(pointer))
        }
        // Where no further begin-line stands, the text is over; anything else is a broken certificate.
        let isOver = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
        ERR_clear_error()
        guard isOver, !certificates.isEmpty else { throw fault }
        return certificates
    }

    /// The caller's to free.
    static func key(_ text: [UInt8]) throws(TLSFault) -> OpaquePointer {
        let source = try Source(text)
        var asked = false
        guard
            let key = withUnsafeMutablePointer(
                to: &asked, { PEM_read_bio_PrivateKey(source.bio, nil, refusePassword, $0) })
        else {
            ERR_clear_error()
            throw asked ? .keyEncrypted : .keyUnreadable
        }
        return key
    }

    private final class Source {
        let bio: OpaquePointer
        private let memory: UnsafeMutableRawBufferPointer

        /// OpenSSL reads where the bytes lie, so they lie still while this is there.
        init(_ text: [UInt8]) throws(TLSFault) {
            memory = .allocate(byteCount: max(1, text.count), alignment: 1)
            memory.copyBytes(from: text)
            guard let bio = BIO_new_mem_buf(memory.baseAddress, Int32(clamping: text.count)) else {
                memory.deallocate()
                throw .last()
            }
            self.bio = bio
        }

        deinit {
            BIO_free(bio)
            OPENSSL_cleanse(memory.baseAddress, memory.count)
            memory.deallocate()
        }
    }
}

/// OpenSSL would ask at the terminal. Notes in `asked`, where it is given, that a password was wanted.
private func refusePassword(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, asked: UnsafeMutableRawPointer?
) -> Int32 {
    asked?.assumingMemoryBound(to: Bool.self).pointee = true
    return -1
}

extension TLSFault {
    /// What OpenSSL has noted of its last failure.
    static func last() -> TLSFault {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        return .refused(TLSReason.words(of: code))
    }
}

/// OpenSSL's own words, such as `no shared cipher`.
enum TLSReason {
    static func words(of code: UInt) -> String {
        guard let text = ERR_reason_error_string(code) else { return "error \(code) of OpenSSL" }
        return String(cString: text)
    }
}
