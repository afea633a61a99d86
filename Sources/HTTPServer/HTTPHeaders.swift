// SPDX-License-Identifier: Apache-2.0

/// A request's fields in their order, as a view of the head's own bytes: a String is made of a field only when asked.
package struct HTTPHeaders: Sendable {
    /// A head that the parser has found right: each line is name, colon, value, CR and LF.
    private let head: [UInt8]
    private let start: Int

    init(of head: [UInt8], from start: Int) {
        self.head = head
        self.start = start
    }

    /// The field's value without white space around it; several fields of that name are joined with `, ` (RFC 9110
    /// 5.3). Nil when there is none. Bytes that are not UTF-8 come as U+FFFD.
    package subscript(name: String) -> String? {
        var found: String?
        forEachField { field in
            guard head.equals(name, in: field.name) else { return }
            found = found.map { $0 + ", " + head.text(in: field.value) } ?? head.text(in: field.value)
        }
        return found
    }

    package var count: Int {
        var count = 0
        forEachField { _ in count += 1 }
        return count
    }

    /// All fields, in the client's spelling.
    package var all: [(name: String, value: String)] {
        var all: [(name: String, value: String)] = []
        forEachField { all.append((head.text(in: $0.name), head.text(in: $0.value))) }
        return all
    }

    private func forEachField(_ body: (HTTPFieldRange) -> Void) {
        var place = start
        while let field = HTTPFieldRange(at: &place, in: head.span) { body(field) }
    }
}

/// Where one field's name and value stand in a head.
struct HTTPFieldRange {
    let name: Range<Int>
    /// Without the white space around it.
    let value: Range<Int>

    /// The field that starts at `place`, which moves to the next line; nil at the empty line. The line must be known
    /// to hold a colon and to end in CR LF.
    init?(at place: inout Int, in head: Span<UInt8>) {
        guard head[place] != .carriageReturn else { return nil }
        var colon = place
        while head[colon] != .colon { colon += 1 }
        // The head scanner let no other control character through.
        let end = HTTPHeadScanner.control(in: head, from: colon + 1, to: head.count)
        name = place..<colon
        value = HTTPFieldRange.trimmed(colon + 1, end, in: head)
        place = end + 2
    }

    private static func trimmed(_ start: Int, _ end: Int, in head: Span<UInt8>) -> Range<Int> {
        var (start, end) = (start, end)
        while start < end, head[start].isBlank { start += 1 }
        while end > start, head[end - 1].isBlank { end -= 1 }
        return start..<end
    }
}

extension [UInt8] {
    func text(in range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }

    /// Whether the bytes there are `name`, whatever the case of ASCII letters.
    func equals(_ name: String, in range: Range<Int>) -> Bool {
        let name = name.utf8Span.span
        guard name.count == range.count else { return false }
        let bytes = span
        for place in name.indices where name[place].lowercased != bytes[range.lowerBound + place].lowercased {
            return false
        }
        return true
    }
}
