// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSONTree

/// A token taken apart (RFC 7515 section 7.1): nothing of it is read or proven yet.
struct CompactToken {
    static let bytesMost = 65_536

    private let bytes: [UInt8]
    private let header: Range<Int>
    private let payload: Range<Int>
    private let signature: Range<Int>

    /// - Throws: what is wrong with its form as a whole.
    init(_ token: String) throws(TokenError) {
        guard token.utf8.count <= Self.bytesMost else { throw .tooLarge(bytes: token.utf8.count) }
        bytes = Array(token.utf8)
        let dots = Self.dots(in: bytes)
        if dots.count == 4, Self.isEncrypted(bytes[..<dots[0]]) { throw .encrypted }
        guard dots.count == 2, Self.opensAnObject(bytes) else { throw .opaque }
        header = 0..<dots[0]
        payload = dots[0] + 1..<dots[1]
        signature = dots[1] + 1..<bytes.count
    }

    /// As it is written.
    var headerText: [UInt8] { Array(bytes[header]) }

    func headerIs(_ text: UnsafeRawBufferPointer) -> Bool {
        text.count == header.count
            && bytes.withUnsafeBytes { memcmp($0.baseAddress!, text.baseAddress!, text.count) } == 0
    }

    func headerObject() throws(TokenError) -> JSON {
        try JSON(tokenPart: Self.decoded(bytes[header], .header), .header)
    }

    /// The claims, once a key has proven them.
    func claims() throws(TokenError) -> JSON {
        try JSON(tokenPart: Self.decoded(bytes[payload], .payload), .payload)
    }

    /// Whether the signature is the key's for header and payload as they are written.
    func isSigned(by algorithm: SigningAlgorithm, with key: PublicKey) throws(TokenError) -> Bool {
        let isProven = bytes.withUnsafeBufferPointer { bytes in
            Base64URL.withDecoded(UnsafeBufferPointer(rebasing: bytes[signature])) { signature in
                let text = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<payload.upperBound]))
                return key.verifies(signature, of: text, by: algorithm)
            }
        }
        guard let isProven else { throw .malformed(.signature, .notBase64URL) }
        return isProven
    }

    private static func decoded(_ text: ArraySlice<UInt8>, _ part: TokenError.Part) throws(TokenError) -> [UInt8] {
        guard let bytes = text.withUnsafeBufferPointer({ Base64URL.decode($0) }) else {
            throw .malformed(part, .notBase64URL)
        }
        return bytes
    }

    /// Up to five: more dots say no more.
    private static func dots(in bytes: [UInt8]) -> [Int] {
        var dots: [Int] = []
        while dots.count < 5, let dot = bytes.place(of: UInt8(ascii: "."), from: (dots.last ?? -1) + 1) {
            dots.append(dot)
        }
        return dots
    }

    /// So begins an object in base64url, `ew` before a line break; an opaque token with two dots hardly does.
    private static func opensAnObject(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: "ey".utf8) || bytes.starts(with: "ew".utf8)
    }

    private static func isEncrypted(_ header: ArraySlice<UInt8>) -> Bool {
        guard opensAnObject(Array(header.prefix(2))), let bytes = try? decoded(header, .header) else { return false }
        return (try? JSON(tokenPart: bytes, .header))?["enc"] != nil
    }
}

extension JSON {
    /// The object that a part of a token holds, with all that readers disagree on refused.
    init(tokenPart bytes: [UInt8], _ part: TokenError.Part) throws(TokenError) {
        guard !bytes.isEmpty else { throw .malformed(part, .empty) }
        guard !bytes.holdEscapedNUL else { throw .malformed(part, .holdsNUL) }
        do {
            try self.init(parsing: bytes, limits: JSONLimits(bytesMax: CompactToken.bytesMost, depthMax: 32))
        } catch {
            throw .malformed(part, TokenError.Flaw(error))
        }
        guard kind == .object else { throw .malformed(part, .notAnObject) }
    }
}

extension TokenError.Flaw {
    /// Without the words of `JSONError`, which may quote what the token says.
    fileprivate init(_ error: JSONError) {
        switch error {
        case .malformed(let offset, _), .duplicateKey(let offset, _): self = .notJSON(offset: offset)
        case .tooDeep, .tooLarge: self = .tooDeep
        case .pointer, .patchMalformed, .patchFailed: preconditionFailure("parsing a text does not throw this")
        }
    }
}

extension [UInt8] {
    /// Whether a text in it is written with `\u0000`. A NUL as such is no JSON.
    fileprivate var holdEscapedNUL: Bool {
        var start = 0
        while let slash = place(of: UInt8(ascii: "\\"), from: start) {
            if self[slash...].starts(with: #"\u0000"#.utf8) { return true }
            // What follows a backslash is escaped by it, also another backslash.
            start = slash + 2
        }
        return false
    }

    /// The first such byte; quick, since a token has a thousand bytes and few that are looked for.
    fileprivate func place(of byte: UInt8, from start: Int) -> Int? {
        guard start < count else { return nil }
        return withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            return memchr(base + start, Int32(byte), count - start).map { base.distance(to: UnsafeRawPointer($0)) }
        }
    }
}
