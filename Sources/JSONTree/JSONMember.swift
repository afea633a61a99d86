// SPDX-License-Identifier: Apache-2.0

/// One member of a parsed object, looked at where it stands.
package struct JSONMember {
    private let source: JSONSource
    private let place: Int

    fileprivate init(source: JSONSource, place: Int) {
        self.source = source
        self.place = place
    }

    package var key: String { source.text(of: source.tape[place]) }
    package var value: JSON { JSON(Slice(source: source, index: place + 1)) }

    /// The key's length in bytes of UTF-8: enough to tell most keys apart.
    package var keyLength: Int {
        let key = source.tape[place]
        return key.hasEscapes ? source.text(of: key).utf8.count : key.content.count
    }

    package func isKey(_ wanted: StaticString) -> Bool {
        wanted.withUTF8Buffer { wanted in source.view { $0.isText(wanted, $0.tape[place]) } }
    }

    package func isKey(_ wanted: String) -> Bool {
        wanted.withBytes { wanted in source.view { $0.isText(wanted, $0.tape[place]) } }
    }

    package func keyBegins(with start: String) -> Bool {
        let key = source.tape[place]
        if key.hasEscapes { return source.text(of: key).begins(with: start) }
        return start.withBytes { start in
            guard key.content.count >= start.count else { return false }
            return source.view { areSame(.init(rebasing: $0.bytes[key.content.prefix(start.count)]), start) }
        }
    }
}

extension JSON {
    /// Whether this is an object, and `condition` holds for all its members; looks no further than the first that
    /// fails. What was set in the object is written and parsed for it.
    package func allMembers(_ condition: (JSONMember) -> Bool) -> Bool {
        guard case .slice(let slice) = packed.storage, slice.kind == .object else { return false }
        let (source, end) = (slice.source, slice.entry.next)
        var at = slice.index + 1
        while at < end {
            guard condition(JSONMember(source: source, place: at)) else { return false }
            at = source.tape[at + 1].next
        }
        return true
    }
}
