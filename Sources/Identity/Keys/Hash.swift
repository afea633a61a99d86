// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// A hash of the SHA-2 family, fetched from OpenSSL once: fetching for each use would take longer than the hashing.
struct Hash: Sendable {
    /// Never freed, and never changed after it was fetched: any thread may use it.
    nonisolated(unsafe) let method: OpaquePointer
    let length: Int

    static let sha256 = Hash("SHA256", length: 32)
    static let sha384 = Hash("SHA384", length: 48)
    static let sha512 = Hash("SHA512", length: 64)

    private init(_ name: String, length: Int) {
        guard let method = EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("OpenSSL has no \(name): its configuration offers no provider with it")
        }
        self.method = method
        self.length = length
    }

    /// Writes the hash of `text` to `room`, which holds `length` bytes. False when OpenSSL fails.
    func digest(_ text: UnsafeRawBufferPointer, to room: UnsafeMutablePointer<UInt8>, _ work: OpaquePointer) -> Bool {
        EVP_DigestInit_ex2(work, method, nil) == 1
            && EVP_DigestUpdate(work, text.baseAddress, text.count) == 1
            && EVP_DigestFinal_ex(work, room, nil) == 1
    }
}
