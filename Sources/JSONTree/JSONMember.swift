// SPDX-License-Identifier: Apache-2.0

/// One member of a parsed object, looked at where it stands; not for use after the walk that gives it.
package struct JSONMember {
    private let source: JSONSource
    private let view: SourceView
    private let place: Int

    fileprivate init(source: JSONSource, view: SourceView, place: Int) {
        self.source = source
        self.view = view
        self.place = place
    }

    package var key: String { source.text(of: view.tape[place]) }
    package var value: JSON { JSON(Slice(source: source, index: place + 1)) }

    /// The key's length in bytes of UTF-8: enough to tell most keys apart.
    package var keyLength: Int {
        let entry = view.tape[place]
        return entry.hasEscapes ? key.utf8.count : Int(entry.end) - Int(entry.start) - 2
    }

    package func isKey(_ wanted: StaticString) -> Bool {
        view.isText(wanted.bytes, view.tape[place])
    }

    package func isKey(named wanted: String) -> Bool {
        wanted.utf8.count == keyLength && wanted.withBytes { view.isText($0, view.tape[place]) }
    }

    /// Whether the value is exactly that text.
    package func isValue(_ wanted: String) -> Bool {
        view.opening(place + 1) == Byte.quote && wanted.withBytes { view.isText($0, view.tape[place + 1]) }
    }

    /// Whether the value is a text that is not empty.
    package var valueIsText: Bool {
        view.opening(place + 1) == Byte.quote && view.tape[place + 1].range.count > 2
    }

    /// The value where it is a number of up to 18 digits and nothing else, as most are; read where it stands.
    package var plainNumber: Int? {
        let range = view.tape[place + 1].range
        guard range.count <= 18 else { return nil }
        var number = 0
        for byte in view.bytes[range] {
            guard Byte.zero <= byte, byte <= Byte.nine else { return nil }
            number = number &* 10 &+ Int(byte &- Byte.zero)
        }
        return number
    }

    /// Whether the value is a text with this one, of ASCII, `offset` bytes behind its beginning; looked for as it is
    /// written.
    package func valueHas(_ wanted: StaticString, at offset: Int) -> Bool {
        let entry = view.tape[place + 1]
        let from = Int(entry.start) + 1 + offset
        let to = from + wanted.utf8CodeUnitCount
        guard view.opening(place + 1) == Byte.quote, !entry.hasEscapes, to < Int(entry.end) else { return false }
        let wanted = UnsafeBufferPointer(start: wanted.utf8Start, count: wanted.utf8CodeUnitCount)
        return areSame(.init(rebasing: view.bytes[from..<to]), wanted)
    }

    package func keyBegins(with start: String) -> Bool {
        start.utf8.count <= keyLength && start.withBytes { keyBegins(with: $0) }
    }

    fileprivate func keyBegins(with start: UnsafeBufferPointer<UInt8>) -> Bool {
        guard start.count <= keyLength else { return false }
        let entry = view.tape[place]
        if entry.hasEscapes { return key.utf8.starts(with: start) }
        let from = Int(entry.start) + 1
        return areSame(.init(rebasing: view.bytes[from..<from + start.count]), start)
    }
}

extension JSONMember {
    /// Whether the value is an object, and `condition` holds for all its members.
    package func allMembers(_ condition: (JSONMember) -> Bool) -> Bool {
        view.opening(place + 1) == Byte.braceOpen
            && JSONMember.all(source, view, in: place + 1, condition)
    }

    fileprivate static func all(
        _ source: JSONSource, _ view: SourceView, in object: Int, _ condition: (JSONMember) -> Bool
    ) -> Bool {
        let end = view.tape[object].next
        var at = object + 1
        while at < end {
            guard condition(JSONMember(source: source, view: view, place: at)) else { return false }
            at = view.tape[at + 1].next
        }
        return true
    }
}

extension JSON {
    /// Whether this is an object, and `condition` holds for all its members; looks no further than the first that
    /// fails. What was set in the object is written and parsed for it.
    package func allMembers(_ condition: (JSONMember) -> Bool) -> Bool {
        withSlice { slice in
            let source = slice.source
            return slice.kind == .object
                && source.view { view in JSONMember.all(source, view, in: slice.index, condition) }
        }
    }

    /// The values of three members of an object, found in one walk; nil when this is none.
    package func members(
        _ first: StaticString, _ second: StaticString, _ third: StaticString
    ) -> (JSON?, JSON?, JSON?)? {
        withSlice { slice in
            guard slice.kind == .object else { return nil }
            let places = slice.source.view { view in view.places(of: first, second, third, in: slice.index) }
            func value(_ place: Int?) -> JSON? { place.map { JSON(Slice(source: slice.source, index: $0)) } }
            return (value(places.0), value(places.1), value(places.2))
        }
    }

    /// Whether this is an object with such a key.
    package func hasKey(beginningWith start: String) -> Bool {
        kind == .object && start.withBytes { start in !allMembers { !$0.keyBegins(with: start) } }
    }
}

extension SourceView {
    fileprivate func places(
        of first: StaticString, _ second: StaticString, _ third: StaticString, in object: Int
    ) -> (Int?, Int?, Int?) {
        var found: (Int?, Int?, Int?)
        let end = tape[object].next
        var at = object + 1
        while at < end {
            if isText(first.bytes, tape[at]) {
                found.0 = at + 1
            } else if isText(second.bytes, tape[at]) {
                found.1 = at + 1
            } else if isText(third.bytes, tape[at]) {
                found.2 = at + 1
            }
            at = tape[at + 1].next
        }
        return found
    }
}

extension StaticString {
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
