// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// The value for people: one member or element a line, two spaces a level, parsed scalars as they were spelled.
    package var pretty: String {
        let bytes = JSONOutput.bytes(capacity: 4096) { writePretty(to: &$0, indent: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func writePretty(to out: inout JSONOutput, indent: Int) {
        if let elements = array, !elements.isEmpty {
            out.append(Byte.bracketOpen)
            for (place, element) in elements.enumerated() {
                newLine(first: place == 0, indent: indent + 1, to: &out)
                element.writePretty(to: &out, indent: indent + 1)
            }
            newLine(first: true, indent: indent, to: &out)
            out.append(Byte.bracketClose)
        } else if let members = object?.members, !members.isEmpty {
            out.append(Byte.braceOpen)
            for (place, member) in members.enumerated() {
                newLine(first: place == 0, indent: indent + 1, to: &out)
                writeString(member.key, to: &out)
                out.append(": ")
                member.value.writePretty(to: &out, indent: indent + 1)
            }
            newLine(first: true, indent: indent, to: &out)
            out.append(Byte.braceClose)
        } else {
            switch kind {
            case .array: out.append("[]")
            case .object: out.append("{}")
            default: write(to: &out)
            }
        }
    }

    private func newLine(first: Bool, indent: Int, to out: inout JSONOutput) {
        if !first { out.append(Byte.comma) }
        out.append(Byte.lineFeed)
        for _ in 0..<2 * indent { out.append(Byte.space) }
    }
}
