// SPDX-License-Identifier: Apache-2.0

/// The UTF-8 bytes that a string means, given what stands between its quotes in a validated text.
func unescaped(_ content: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(content.count)
    var rest = content
    while let backslash = rest.firstIndex(of: Byte.backslash) {
        result += rest[..<backslash]
        rest = rest[(backslash + 1)...]
        appendEscape(from: &rest, to: &result)
    }
    result += rest
    return result
}

/// Takes one escape, without its backslash, off `rest`.
private func appendEscape(from rest: inout ArraySlice<UInt8>, to result: inout [UInt8]) {
    let letter = rest.removeFirst()
    guard letter == Byte.u else { return result.append(meaning(of: letter)) }
    var codePoint = takeHex4(from: &rest)
    if codePoint & 0xFC00 == 0xD800 {
        rest.removeFirst(2)
        codePoint = 0x10000 + (codePoint & 0x3FF) << 10 + takeHex4(from: &rest) & 0x3FF
    }
    guard let scalar = Unicode.Scalar(codePoint) else { preconditionFailure("the scanner refuses lone surrogates") }
    result += UTF8.encode(scalar)!
}

private func meaning(of letter: UInt8) -> UInt8 {
    switch letter {
    case Byte.b: 0x08
    case Byte.f: 0x0C
    case Byte.n: Byte.lineFeed
    case Byte.r: Byte.carriageReturn
    case Byte.t: Byte.tab
    default: letter
    }
}

private func takeHex4(from rest: inout ArraySlice<UInt8>) -> UInt32 {
    var number: UInt32 = 0
    for digit in rest.prefix(4) { number = number << 4 | UInt32(hexValue(of: digit) ?? 0) }
    rest.removeFirst(4)
    return number
}

func hexValue(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}
