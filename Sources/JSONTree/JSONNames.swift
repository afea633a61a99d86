// SPDX-License-Identifier: Apache-2.0

/// A list of objects that one member tells apart, and what that member says in each: noted at the first look-up in a
/// long list and at the second in a short one, in one pass for all that follow.
///
/// A look-up compares lengths first and then bytes; a list of hundreds is searched in a fraction of a microsecond.
package struct JSONNames: Sendable {
    private let slice: Slice?
    private let key: StaticString
    /// Noting costs more than a look-up in a short list, and most short ones are asked only once.
    private var notes: Bool
    /// One for each element; `nowhere` where an element is no object or has no such string.
    private var noted: [TapeEntry]?

    /// Empty when `list` is no array.
    package init(_ list: JSON?, member key: StaticString) {
        self.key = key
        self.slice = list.flatMap { $0.withSlice { $0.kind == .array ? $0 : nil } }
        self.notes = slice.map { $0.entry.next - $0.index > Self.shortEntries } ?? false
    }

    /// The list as it was parsed; nil when there is none.
    package var list: JSON? { slice.map { JSON($0) } }

    /// In ascending order.
    package mutating func indices(of name: String) -> [Int] {
        var found: [Int] = []
        _ = search(name) { name, names, view in
            for index in names.indices where view.isText(name, names[index]) { found.append(index) }
        }
        return found
    }

    package mutating func firstIndex(of name: String) -> Int? {
        if !notes { return firstIndexUnnoted(of: name) }
        return search(name) { name, names, view in names.firstIndex { view.isText(name, $0) } } ?? nil
    }

    /// One of the list's names is one of `wanted`, or such a one and `byte`, which has to be ASCII.
    ///
    /// Notes nothing: most lists are short, and are asked nothing else when the answer is no.
    package func containsAny(of wanted: [String], orWith byte: UInt8? = nil) -> Bool {
        guard let slice else { return false }
        let marks = NameMarks(of: wanted, orWith: byte)
        return key.withUTF8Buffer { key in
            slice.source.view { view in
                !view.allNames(under: key, in: slice.index) { entry in
                    !marks.mayBe(entry, in: view) || !view.isAny(of: wanted, orWith: byte, entry)
                }
            }
        }
    }

    /// The first that is `name` and one more byte of ASCII.
    package mutating func firstIndex(of name: String, followedBy byte: UInt8) -> Int? {
        search(name) { name, names, view in names.firstIndex { view.isText(name, followedBy: byte, $0) } } ?? nil
    }

    /// On the tape; about a dozen objects of two members.
    private static let shortEntries = 64

    private mutating func firstIndexUnnoted(of name: String) -> Int? {
        guard let slice else { return nil }
        notes = true
        var index = 0
        let isNowhere = key.withUTF8Buffer { key in
            name.withBytes { name in
                slice.source.view { view in
                    view.allNames(under: key, in: slice.index) { entry in
                        if view.isText(name, entry) { return false }
                        index += 1
                        return true
                    }
                }
            }
        }
        return isNowhere ? nil : index
    }

    @inline(__always)
    private mutating func search<Result>(
        _ name: String, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<TapeEntry>, SourceView) -> Result
    ) -> Result? {
        guard let slice else { return nil }
        return note(slice).withUnsafeBufferPointer { names in
            name.withBytes { name in slice.source.view { view in body(name, names, view) } }
        }
    }

    @inline(__always)
    private mutating func note(_ slice: Slice) -> [TapeEntry] {
        if let noted { return noted }
        let names = slice.names(under: key)
        noted = names
        return names
    }
}

extension Slice {
    fileprivate func names(under key: StaticString) -> [TapeEntry] {
        key.withUTF8Buffer { key in source.view { $0.names(under: key, in: index) } }
    }
}

extension SourceView {
    fileprivate func names(under key: UnsafeBufferPointer<UInt8>, in list: Int) -> [TapeEntry] {
        let count = count(from: list + 1, to: tape[list].next)
        return [TapeEntry](unsafeUninitializedCapacity: count) { names, total in
            var place = 0
            _ = allNames(under: key, in: list) { entry in
                names.initializeElement(at: place, to: entry)
                place += 1
                return true
            }
            total = place
        }
    }

    /// Whether `condition` holds for the name of each element; looks no further than the first where it fails.
    @inline(__always)
    fileprivate func allNames(
        under key: UnsafeBufferPointer<UInt8>, in list: Int, _ condition: (TapeEntry) -> Bool
    ) -> Bool {
        let end = tape[list].next
        var at = list + 1
        while at < end {
            guard condition(name(under: key, at: at)) else { return false }
            at = tape[at].next
        }
        return true
    }

    fileprivate func isAny(of wanted: [String], orWith byte: UInt8?, _ entry: TapeEntry) -> Bool {
        // By index, since a copy of a string costs more than this comparison.
        for index in wanted.indices {
            let rest = entry.writtenLength - wanted[index].utf8.count
            guard rest == 0 || rest == 1 || entry.hasEscapes else { continue }
            let isThis = wanted[index].withBytes { name in
                isText(name, entry) || rest != 0 && byte.map { isText(name, followedBy: $0, entry) } ?? false
            }
            if isThis { return true }
        }
        return false
    }

    private func count(from start: Int, to end: Int) -> Int {
        var count = 0
        var at = start
        while at < end {
            count += 1
            at = tape[at].next
        }
        return count
    }

    @inline(__always)
    private func name(under key: UnsafeBufferPointer<UInt8>, at index: Int) -> TapeEntry {
        guard opening(index) == Byte.braceOpen else { return .nowhere }
        let end = tape[index].next
        var at = index + 1
        while at < end {
            if isKey(key, tape[at]) { return opening(at + 1) == Byte.quote ? tape[at + 1] : .nowhere }
            at = tape[at + 1].next
        }
        return .nowhere
    }

    /// As `isText`; a word and a loop are quicker than the library's comparison for keys so short.
    @inline(__always)
    private func isKey(_ wanted: UnsafeBufferPointer<UInt8>, _ entry: TapeEntry) -> Bool {
        if entry.hasEscapes { return isText(wanted, entry) }
        let (text, wanted, start) = (ByteView(bytes), ByteView(wanted), Int(entry.start) &+ 1)
        guard Int(entry.end) &- 1 &- start == wanted.count else { return false }
        var place = 0
        if wanted.count >= 8 {
            if text.word(at: start) != wanted.word(at: 0) { return false }
            place = 8
        } else if wanted.count >= 4 {
            if text.half(at: start) != wanted.half(at: 0) { return false }
            place = 4
        }
        while place < wanted.count {
            if text[start &+ place] != wanted[place] { return false }
            place &+= 1
        }
        return true
    }
}

extension TapeEntry {
    /// Equal to no text: between its quotes stands less than nothing.
    fileprivate static let nowhere = TapeEntry(start: 0, end: 0, next: 0)

    /// Of a string, in bytes between its quotes.
    fileprivate var writtenLength: Int { Int(end) - Int(start) - 2 }
}

/// What lengths and last letters some names have, which tells most other texts from all of them at once.
private struct NameMarks {
    /// A bit for each name; others may have the same.
    private var bits: UInt64 = 0

    init(of names: [String], orWith byte: UInt8?) {
        for index in names.indices {
            let length = names[index].utf8.count
            bits |= Self.bit(length, last: names[index].utf8.last ?? Byte.quote)
            if let byte { bits |= Self.bit(length + 1, last: byte) }
        }
    }

    /// False for a text that is none of the names; one with escapes does not show what it is.
    @inline(__always)
    func mayBe(_ entry: TapeEntry, in view: SourceView) -> Bool {
        if entry.hasEscapes { return true }
        let length = entry.writtenLength
        // The opening quote where the text is empty.
        return length >= 0 && bits & Self.bit(length, last: view.bytes[Int(entry.end) - 2]) != 0
    }

    @inline(__always)
    private static func bit(_ length: Int, last: UInt8) -> UInt64 {
        1 &<< UInt64(truncatingIfNeeded: 8 &* length &+ Int(last))
    }
}
