// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// The value's text: parsed parts as they were written, the rest without any space.
    package var bytes: [UInt8] {
        JSONOutput.bytes(capacity: capacity) { write(to: &$0) }
    }

    /// Room to begin with: exact for a scalar and for what was parsed, otherwise enough for most answers about a pod.
    /// To guess the size of all that is built would cost more than it saves.
    private var capacity: Int {
        switch storage {
        case .object(let object): object.members.reduce(32_768) { max($0, $1.value.roomForRevision) }
        case .revised: max(32_768, roomForRevision)
        case .array, .extended, .joined: 32_768
        default: sizeGuess + 16
        }
    }

    /// Few patches add more to an object than it came with.
    private var roomForRevision: Int {
        guard case .revised(let revised) = storage else { return 0 }
        return 2 * revised.revision.parsedSize
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    @inline(__always)
    func write(to out: inout JSONOutput) { storage.write(to: &out) }
}

extension JSON.Storage {
    /// A switch over `self` hands each part on as it stands; over a member it would count an owner of it, which is
    /// slow while what was just copied is still on its way to memory.
    @inline(never)
    fileprivate func write(to out: inout JSONOutput) {
        switch self {
        case .null: out.append("null")
        case .bool(let truth): out.append(truth ? "true" : "false")
        case .number(let spelling): out.append(spelling)
        case .string(let text): writeString(text, to: &out)
        case .array(let elements): elements.write(to: &out)
        case .object(let object): object.write(to: &out)
        case .slice(let slice): slice.write(to: &out)
        case .extended(let list): list.write(to: &out)
        case .joined(let list): list.write(to: &out)
        case .revised(let revised): revised.write(to: &out)
        }
    }
}

extension JSON: CustomStringConvertible {
    package var description: String { text }
}

extension ExtendedArray {
    @inline(never)
    fileprivate func write(to out: inout JSONOutput) {
        parsed.writeOpen(to: &out)
        added.writeElements(to: &out, isFirst: false)
        out.append(Byte.bracketClose)
    }
}

extension JoinedArrays {
    @inline(never)
    fileprivate func write(to out: inout JSONOutput) {
        first.writeOpen(to: &out)
        out.append(Byte.comma)
        second.write(second.range.dropFirst(), to: &out)
    }
}

extension Slice {
    @inline(never)
    fileprivate func write(to out: inout JSONOutput) { write(range, to: &out) }

    func write(_ range: Range<Int>, to out: inout JSONOutput) {
        source.view { out.append(UnsafeBufferPointer(rebasing: $0.bytes[range])) }
    }

    /// An array up to the end of its last element.
    fileprivate func writeOpen(to out: inout JSONOutput) {
        write(range.lowerBound..<source.view { $0.endOfLast(in: index) }, to: &out)
    }
}

extension [JSON] {
    @inline(never)
    fileprivate func write(to out: inout JSONOutput) {
        out.append(Byte.bracketOpen)
        writeElements(to: &out, isFirst: true)
        out.append(Byte.bracketClose)
    }

    /// - Parameter isFirst: no element stands before them.
    fileprivate func writeElements(to out: inout JSONOutput, isFirst: Bool) {
        // A span hands out an element without counting a new owner of it.
        let elements = span
        for index in elements.indices {
            if index > 0 || !isFirst { out.append(Byte.comma) }
            elements[index].write(to: &out)
        }
    }
}

extension JSONObject {
    @inline(never)
    fileprivate func write(to out: inout JSONOutput) {
        out.append(Byte.braceOpen)
        writeMembers(to: &out, isFirst: true)
        out.append(Byte.braceClose)
    }

    /// - Parameter isFirst: no member stands before them.
    func writeMembers(to out: inout JSONOutput, isFirst: Bool) {
        let members = self.members.span
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
@inline(never)
func writeString(_ text: String, to out: inout JSONOutput) {
    text.withBytes { bytes in
        if let plain = out.appendQuoted(bytes) { writeRest(of: bytes, from: plain, to: &out) }
    }
}

/// Appends what follows the plain beginning of a string, byte by byte: few strings need an escape.
@inline(never)
private func writeRest(of bytes: UnsafeBufferPointer<UInt8>, from start: Int, to out: inout JSONOutput) {
    for byte in bytes[start...] {
        if byte < 0x20 || byte == Byte.quote || byte == Byte.backslash {
            writeEscape(of: byte, to: &out)
        } else {
            out.append(byte)
        }
    }
    out.append(Byte.quote)
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
