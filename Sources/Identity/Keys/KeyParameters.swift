// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// The parts that OpenSSL builds a key from. It refers to them until the key is made, so they live as long as this.
///
/// Names are the shim's constants, since OpenSSL keeps the pointer to a name as well.
final class KeyParameters {
    typealias Name = UnsafePointer<CChar>

    private let builder: OpaquePointer
    private var numbers: [OpaquePointer] = []
    private var texts: [UnsafeMutableBufferPointer<UInt8>] = []

    init() {
        guard let builder = OSSL_PARAM_BLD_new() else { preconditionFailure("OpenSSL has no memory left") }
        self.builder = builder
    }

    deinit {
        OSSL_PARAM_BLD_free(builder)
        for number in numbers { BN_free(number) }
        for text in texts { text.deallocate() }
    }

    /// Big-endian.
    func add(_ name: Name, number bytes: [UInt8]) -> Bool {
        guard let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else { return false }
        numbers.append(number)
        return OSSL_PARAM_BLD_push_BN(builder, name, number) == 1
    }

    func add(_ name: Name, text: String) -> Bool {
        let kept = kept(Array(text.utf8))
        return OSSL_PARAM_BLD_push_utf8_string(builder, name, kept.baseAddress, kept.count) == 1
    }

    func add(_ name: Name, octets: [UInt8]) -> Bool {
        let kept = kept(octets)
        return OSSL_PARAM_BLD_push_octet_string(builder, name, kept.baseAddress, kept.count) == 1
    }

    private func kept(_ bytes: [UInt8]) -> UnsafeMutableBufferPointer<UInt8> {
        let room = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = room.initialize(fromContentsOf: bytes)
        texts.append(room)
        return room
    }

    /// Nil when OpenSSL does not take the parts for a public key of that type.
    func publicKey(_ type: String) -> OpaquePointer? {
        guard let parameters = OSSL_PARAM_BLD_to_param(builder) else { return nil }
        defer { OSSL_PARAM_free(parameters) }
        guard let context = EVP_PKEY_CTX_new_from_name(nil, type, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_fromdata_init(context) == 1,
            EVP_PKEY_fromdata(context, &key, COPENSSL_PUBLIC_KEY, parameters) == 1
        else { return nil }
        return key
    }
}
