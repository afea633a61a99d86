// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// A token taken apart (RFC 7515 section 7.1): nothing of it is proven yet.
struct CompactToken {
    static let bytesMost = 65_536

    let header: TokenHeader
    let signature: [UInt8]
    private let bytes: [UInt8]
    private let payload: Range<Int>

    /// - Throws: what is wrong with its form, or its header.
    init(_ token: String) throws(TokenError) {
        guard token.utf8.count <= Self.bytesMost else { throw .tooLarge(bytes: token.utf8.count) }
        bytes = Array(token.utf8)
        let dots = Self.dots(in: bytes)
        if dots.count == 4, Self.isEncrypted(bytes[..<dots[0]]) { throw .encrypted }
        guard dots.count == 2, Self.opensAnObject(bytes) else { throw .opaque }
        header = try TokenHeader(Self.decoded(bytes[..<dots[0]], .header))
        payload = dots[0] + 1..<dots[1]
        signature = try Self.decoded(bytes[(dots[1] + 1)...], .signature)
    }

    /// What was signed: header and payload as they are written.
    func withSignedText<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<payload.upperBound])) }
    }

    /// The claims, once a key has proven them.
    func claims() throws(TokenError) -> JSON {
        let text = try Self.decoded(bytes[payload], .payload)
        return try JSON(tokenPart: text, .payload)
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
        var rest = 0
        while dots.count < 5, let dot = bytes[rest...].firstIndex(of: UInt8(ascii: ".")) {
            dots.append(dot)
            rest = dot + 1
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
        guard var at = firstIndex(of: UInt8(ascii: "\\")) else { return false }
        while at < endIndex {
            if self[at] != UInt8(ascii: "\\") {
                at += 1
            } else {
                if self[at...].starts(with: #"\u0000"#.utf8) { return true }
                at += 2
            }
        }
        return false
    }
}
