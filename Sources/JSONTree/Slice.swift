// SPDX-License-Identifier: Apache-2.0

/// One value of a validated source, read where it stands.
struct Slice: Sendable {
    let source: JSONSource
    private let place: UInt32

    init(source: JSONSource, index: Int) {
        self.source = source
        self.place = UInt32(truncatingIfNeeded: index)
    }

    var index: Int { Int(place) }
    var entry: TapeEntry { source.tape[index] }
    var range: Range<Int> { entry.range }

    /// The bytes of the value without the space around it.
    var bytes: ArraySlice<UInt8> { source.bytes[range] }

    var kind: JSON.Kind {
        switch source.bytes[Int(entry.start)] {
        case Byte.quote: .string
        case Byte.braceOpen: .object
        case Byte.bracketOpen: .array
        case Byte.t, Byte.f: .bool
        case Byte.n: .null
        default: .number
        }
    }

    /// The same place of the same source, which no edit has touched.
    func isIdentical(to other: Slice) -> Bool { source === other.source && place == other.place }
}

// MARK: - Scalars

extension Slice {
    /// Only for `kind` bool.
    var truth: Bool { source.bytes[Int(entry.start)] == Byte.t }

    /// Only for `kind` number.
    var numberSpelling: String { String(decoding: bytes, as: UTF8.self) }

    /// Only for `kind` string.
    var text: String { source.text(of: entry) }
}

extension JSONSource {
    /// The string, or key, that `entry` stands for.
    func text(of entry: TapeEntry) -> String {
        guard entry.hasEscapes else {
            return bytes.withUnsafeBufferPointer { bytes in
                String(decoding: UnsafeBufferPointer(rebasing: bytes[entry.content]), as: UTF8.self)
            }
        }
        return String(decoding: unescaped(bytes[entry.content]), as: UTF8.self)
    }
}

// MARK: - Members and elements

extension Slice {
    /// The value of the member, found without expanding the object; nil for other kinds. Linear in the members.
    func member(_ key: String) -> Slice? {
        guard kind == .object else { return nil }
        let place = key.withBytes { key in source.view { $0.member(key, of: index) } }
        return place.map { Slice(source: source, index: $0) }
    }

    /// The element, found without expanding the array; nil for other kinds and out of range. Linear in `wanted`.
    func element(_ wanted: Int) -> Slice? {
        guard kind == .array, wanted >= 0 else { return nil }
        let end = entry.next
        var at = index + 1
        var remaining = wanted
        while at < end {
            if remaining == 0 { return Slice(source: source, index: at) }
            remaining -= 1
            at = source.tape[at].next
        }
        return nil
    }

    var isFilledArray: Bool { kind == .array && entry.next > index + 1 }

    /// How many elements an array has, or members an object (`step` 1: a key stands before each value).
    func count(step: Int) -> Int {
        var count = 0
        var at = index + 1 + step
        while at - step < entry.next {
            count += 1
            at = source.tape[at].next + step
        }
        return count
    }

    /// One level of an array: its elements, each still a slice.
    func elements() -> [JSON] {
        var elements: [JSON] = []
        elements.reserveCapacity(count(step: 0))
        let end = entry.next
        var at = index + 1
        while at < end {
            elements.append(JSON(Slice(source: source, index: at)))
            at = source.tape[at].next
        }
        return elements
    }

    func keys() -> [String] {
        var keys: [String] = []
        let end = entry.next
        var at = index + 1
        while at < end {
            keys.append(source.text(of: source.tape[at]))
            at = source.tape[at + 1].next
        }
        return keys
    }

    /// One level of an object: its members in order, each value still a slice.
    func members() -> [JSONObject.Member] {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(count(step: 1))
        let end = entry.next
        var at = index + 1
        while at < end {
            let key = source.text(of: source.tape[at])
            members.append(JSONObject.Member(key: key, value: JSON(Slice(source: source, index: at + 1))))
            at = source.tape[at + 1].next
        }
        return members
    }
}
