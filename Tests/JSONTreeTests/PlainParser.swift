// SPDX-License-Identifier: Apache-2.0

/// RFC 8259 read the slow and obvious way, to judge what the scanner accepts and refuses.
///
/// Recursive and without regard to speed; shares no line with the module. Stricter than the RFC where the module
/// is: no byte order mark, no equal keys, no lone surrogates, 128 levels.
struct PlainParser {
    private var rest: Substring.UnicodeScalarView
    private struct Refused: Error {}

    /// The document, or nil where it has to be refused.
    static func parse(_ bytes: [UInt8]) -> PlainJSON? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var parser = PlainParser(rest: Substring(text).unicodeScalars)
        guard let value = try? parser.value(depth: 0) else { return nil }
        parser.space()
        return parser.rest.isEmpty ? value : nil
    }

    private mutating func space() {
        while let next = rest.first, [0x20, 0x09, 0x0A, 0x0D].contains(next.value) { rest.removeFirst() }
    }

    private mutating func take(_ wanted: String) -> Bool {
        guard rest.starts(with: wanted.unicodeScalars) else { return false }
        rest.removeFirst(wanted.unicodeScalars.count)
        return true
    }

    private mutating func need(_ wanted: String) throws {
        if !take(wanted) { throw Refused() }
    }

    private mutating func value(depth: Int) throws -> PlainJSON {
        space()
        if take("null") { return .null }
        if take("true") { return .bool(true) }
        if take("false") { return .bool(false) }
        if rest.first == "\"" { return .string(try string()) }
        if take("[") { return .array(try elements(depth: depth + 1)) }
        if take("{") { return .object(try members(depth: depth + 1)) }
        return .number(try number())
    }

    private mutating func elements(depth: Int) throws -> [PlainJSON] {
        if depth > 128 { throw Refused() }
        var elements: [PlainJSON] = []
        space()
        if take("]") { return [] }
        while true {
            elements.append(try value(depth: depth))
            space()
            if take("]") { return elements }
            try need(",")
        }
    }

    private mutating func members(depth: Int) throws -> [PlainJSON.Member] {
        if depth > 128 { throw Refused() }
        var members: [PlainJSON.Member] = []
        space()
        if take("}") { return [] }
        while true {
            space()
            let key = try string()
            if members.contains(where: { $0.key == key }) { throw Refused() }
            space()
            try need(":")
            members.append(PlainJSON.Member(key: key, value: try value(depth: depth)))
            space()
            if take("}") { return members }
            try need(",")
        }
    }

    private mutating func string() throws -> [UInt32] {
        try need("\"")
        // Escapes give UTF-16 units; a pair becomes one code point, half a pair is refused.
        var units: [UInt16] = []
        while !take("\"") {
            guard let next = rest.popFirst(), next.value >= 0x20 else { throw Refused() }
            units += next == "\\" ? [try escape()] : Array(UTF16.encode(next)!)
        }
        guard let text = String(validating: units, as: UTF16.self) else { throw Refused() }
        return text.codePoints
    }

    private mutating func escape() throws -> UInt16 {
        let meanings: [Unicode.Scalar: UInt16] = [
            "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
        ]
        guard let letter = rest.popFirst() else { throw Refused() }
        if let meaning = meanings[letter] { return meaning }
        let digits = String(String.UnicodeScalarView(rest.prefix(4)))
        guard letter == "u", digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit) else { throw Refused() }
        rest.removeFirst(4)
        return UInt16(digits, radix: 16)!
    }

    private mutating func number() throws -> String {
        var spelling = ""
        if take("-") { spelling = "-" }
        let whole = try digits()
        if whole.count > 1 && whole.first == "0" { throw Refused() }
        spelling += whole
        if take(".") { spelling += "." + (try digits()) }
        if let e = rest.first, e == "e" || e == "E" {
            rest.removeFirst()
            spelling.unicodeScalars.append(e)
            if take("+") { spelling += "+" } else if take("-") { spelling += "-" }
            spelling += try digits()
        }
        return spelling
    }

    private mutating func digits() throws -> String {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        if digits.isEmpty { throw Refused() }
        rest.removeFirst(digits.count)
        return String(digits)
    }
}
