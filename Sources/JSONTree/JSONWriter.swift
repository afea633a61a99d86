// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// The value's text: parsed parts as they were written, the rest without any space.
    package var bytes: [UInt8] {
        var out = JSONOutput()
        write(to: &out)
        return out.finish()
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    func write(to out: inout JSONOutput) {
        switch storage {
        case .null: out.append("null")
        case .bool(let truth): out.append(truth ? "true" : "false")
        case .number(let spelling): out.append(spelling)
        case .string(let text): writeString(text, to: &out)
        case .array(let elements): elements.write(to: &out)
        case .object(let object): object.write(to: &out)
        case .slice(let slice): slice.write(slice.range, to: &out)
        case .extended(let slice, let added): slice.write(with: added, to: &out)
        case .revised(let revision): revision.write(to: &out)
        }
    }
}

extension JSON: CustomStringConvertible {
    package var description: String { text }
}

extension Slice {
    func write(_ range: Range<Int>, to out: inout JSONOutput) {
        source.view { out.append(UnsafeBufferPointer(rebasing: $0.bytes[range])) }
    }

    /// An array with elements, up to the end of its last one, and then `added`.
    fileprivate func write(with added: [JSON], to out: inout JSONOutput) {
        var end = range.upperBound - 1
        while source.bytes[end - 1] <= Byte.space { end -= 1 }
        write(range.lowerBound..<end, to: &out)
        for index in added.indices {
            out.append(Byte.comma)
            added[index].write(to: &out)
        }
        out.append(Byte.bracketClose)
    }
}

extension [JSON] {
    fileprivate func write(to out: inout JSONOutput) {
        out.append(Byte.bracketOpen)
        for index in indices {
            if index > 0 { out.append(Byte.comma) }
            self[index].write(to: &out)
        }
        out.append(Byte.bracketClose)
    }
}

extension JSONObject {
    fileprivate func write(to out: inout JSONOutput) {
        out.append(Byte.braceOpen)
        writeMembers(to: &out, isFirst: true)
        out.append(Byte.braceClose)
    }

    /// - Parameter isFirst: no member stands before them.
    func writeMembers(to out: inout JSONOutput, isFirst: Bool) {
        for index in members.indices {
            if index > 0 || !isFirst { out.append(Byte.comma) }
            writeString(members[index].key, to: &out)
            out.append(Byte.colon)
            members[index].value.write(to: &out)
        }
    }
}

// MARK: - Strings

/// Appends the text as a JSON string, escaping only what RFC 8259 section 7 demands.
func writeString(_ text: String, to out: inout JSONOutput) {
    var text = text
    out.append(Byte.quote)
    text.withUTF8 { bytes in
        var at = 0
        while true {
            let end = endOfPlainRun(in: bytes, from: at)
            out.append(UnsafeBufferPointer(rebasing: bytes[at..<end]))
            if end == bytes.count { break }
            writeEscape(of: bytes[end], to: &out)
            at = end + 1
        }
    }
    out.append(Byte.quote)
}

/// Where the next byte stands that needs an escape, eight bytes at a time; the count when none does.
private func endOfPlainRun(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let view = ByteView(bytes)
    var at = start
    while at + 8 <= view.count {
        let marks = EightBytes.marksOfSpecial(view.word(at: at))
        if marks != 0 { return at + EightBytes.first(marks) }
        at += 8
    }
    while at < view.count, view[at] >= 0x20, view[at] != Byte.quote, view[at] != Byte.backslash { at += 1 }
    return at
}

private func writeEscape(of byte: UInt8, to out: inout JSONOutput) {
    out.append(Byte.backslash)
    switch byte {
    case Byte.quote, Byte.backslash: out.append(byte)
    case 0x08: out.append(Byte.b)
    case 0x0C: out.append(Byte.f)
    case Byte.lineFeed: out.append(Byte.n)
    case Byte.carriageReturn: out.append(Byte.r)
    case Byte.tab: out.append(Byte.t)
    default:
        let digits = Array("0123456789abcdef".utf8)
        for byte in [Byte.u, Byte.zero, Byte.zero, digits[Int(byte >> 4)], digits[Int(byte & 15)]] { out.append(byte) }
    }
}
