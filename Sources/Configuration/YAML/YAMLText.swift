// SPDX-License-Identifier: Apache-2.0

/// The text of one YAML file, found fit to be parsed: UTF-8, of bounded size, without control characters.
struct YAMLText {
    static let bytesMost = 8 << 20

    let file: String
    var text: String

    /// Nil after a fault.
    init?(_ bytes: [UInt8], file: String, _ findings: inout Findings) {
        func refuse(_ place: Place, _ what: String, _ remedy: String) {
            findings.fault(Fault(at: place, path: "", what: what, remedy: remedy))
        }
        let whole = Place(file: file)
        guard bytes.count <= YAMLText.bytesMost else {
            refuse(whole, "is larger than 8 MiB", "Split it with `include:`, or check that this is the right file.")
            return nil
        }
        guard !YAMLText.hasTooManyValues(bytes) else {
            refuse(whole, YAMLComposer.tooMany, "Check that this is the right file.")
            return nil
        }
        guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
            refuse(whole, "is UTF-16", "Save it as UTF-8.")
            return nil
        }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        if let bad = body.firstIndex(where: YAMLText.isControl) {
            let what = "holds the control character \(YAMLText.codePoint(body[bad]))"
            refuse(
                YAMLText.place(of: bad, in: body, file), what, "Remove it, or write it as an escape in double quotes.")
            return nil
        }
        guard let text = String(validating: body, as: UTF8.self) else {
            let place = YAMLText.place(of: YAMLText.firstInvalid(body), in: body, file)
            refuse(place, "is not UTF-8 from here on", "Save the file as UTF-8.")
            return nil
        }
        self.file = file
        self.text = text
    }

    /// More marks that part values than any tree within bounds can have: known before the costly work of parsing.
    private static func hasTooManyValues(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > YAMLComposer.nodesMost else { return false }
        let marks = bytes.count {
            $0 == UInt8(ascii: ",") || $0 == 0x0A || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{")
        }
        return marks > 4 * YAMLComposer.nodesMost
    }

    private static func isControl(_ byte: UInt8) -> Bool {
        (byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D) || byte == 0x7F
    }

    private static func codePoint(_ byte: UInt8) -> String {
        let hex = String(byte, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: 4 - hex.count) + hex
    }

    private static func place(of index: Int, in bytes: ArraySlice<UInt8>, _ file: String) -> Place {
        let before = bytes[..<index]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? before.startIndex
        let line = before.count { $0 == 0x0A } + 1
        // Columns count scalars: a continuation byte begins none.
        let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        return Place(file: file, line: line, column: column)
    }

    /// The first byte that belongs to no well-formed UTF-8 sequence.
    private static func firstInvalid(_ bytes: ArraySlice<UInt8>) -> Int {
        var decoder = UTF8()
        var rest = bytes.makeIterator()
        var index = bytes.startIndex
        while case .scalarValue(let scalar) = decoder.decode(&rest) { index += UTF8.width(scalar) }
        return min(index, bytes.endIndex)
    }
}

// MARK: - Repeated keys

extension YAMLText {
    /// Stand-ins for the first scalar of a key that had to be blotted out.
    static let blots: ClosedRange<UInt32> = 0xE000...0xE01F

    /// The text with the first character of the key at `place` replaced by a private-use character, so that the parser,
    /// which stops at a repeated key, can go on and the rest of the file's faults are found in the same run.
    /// Nil when the key is not written there as such.
    func blotting(_ key: String, at place: Place, with blot: UInt32) -> YAMLText? {
        let scalars = text.unicodeScalars
        guard let first = key.unicodeScalars.first, let mark = index(line: place.line, column: place.column),
            let stand = Unicode.Scalar(blot)
        else { return nil }
        let isQuoted = scalars[mark] == "\"" || scalars[mark] == "'"
        let target = isQuoted ? scalars.index(after: mark) : mark
        guard target < scalars.endIndex, scalars[target] == first else { return nil }
        var copy = self
        copy.text.unicodeScalars.replaceSubrange(target...target, with: [stand])
        return copy
    }

    private func index(line: Int, column: Int) -> String.UnicodeScalarView.Index? {
        let scalars = text.unicodeScalars
        var index = scalars.startIndex
        var current = 1
        while current < line, index < scalars.endIndex {
            if YAMLText.isBreak(index, scalars) { current += 1 }
            index = scalars.index(after: index)
        }
        guard current == line, let at = scalars.index(index, offsetBy: column - 1, limitedBy: scalars.endIndex),
            at < scalars.endIndex
        else { return nil }
        return at
    }

    /// Whether a line ends with this scalar, as libyaml counts lines: CR LF is one break.
    private static func isBreak(_ index: String.UnicodeScalarView.Index, _ scalars: String.UnicodeScalarView) -> Bool {
        switch scalars[index].value {
        case 0x0A, 0x85, 0x2028, 0x2029: true
        case 0x0D:
            scalars.index(after: index) == scalars.endIndex || scalars[scalars.index(after: index)] != "\n"
        default: false
        }
    }
}
