// SPDX-License-Identifier: Apache-2.0

/// RFC 6750's `b64token`, of at most 64 KiB: what can stand in a header, and what the readers of a token's file take.
func isBearerToken(_ text: String) -> Bool {
    let bytes = text.utf8
    guard bytes.count <= 64 * 1024 else { return false }
    let padding = bytes.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    return bytes.count > padding && bytes.dropLast(padding).allSatisfy(\.isOfToken)
}

extension UInt8 {
    fileprivate var isOfToken: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
