// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// Where an array holds objects whose member `key` is the string `text`, in ascending order; empty for other kinds.
    ///
    /// Nothing is expanded or copied on the way, so that a list of hundreds is searched in about a microsecond.
    package func indices(whereMember key: String, is text: String) -> [Int] {
        switch storage {
        case .slice(let slice): slice.indices(whereMember: key, is: text)
        case .array(let elements): elements.indices.filter { elements[$0].hasMember(key, text) }
        default: []
        }
    }

    private func hasMember(_ key: String, _ text: String) -> Bool {
        switch storage {
        case .slice(let slice): slice.hasMember(key, text)
        case .object(let object): object[key]?.string?.isExactly(text) ?? false
        default: false
        }
    }
}

extension Slice {
    fileprivate func indices(whereMember key: String, is text: String) -> [Int] {
        guard kind == .array else { return [] }
        return source.searching(for: key, text) { search in
            var found: [Int] = []
            let end = search.tape[index].next
            var (at, position) = (index + 1, 0)
            while at < end {
                if search.matches(at) { found.append(position) }
                position += 1
                at = search.tape[at].next
            }
            return found
        }
    }

    fileprivate func hasMember(_ key: String, _ text: String) -> Bool {
        source.searching(for: key, text) { $0.matches(index) }
    }
}

extension JSONSource {
    fileprivate func searching<Result>(
        for key: String,
        _ text: String,
        _ body: (MemberSearch) -> Result
    ) -> Result {
        var (key, text) = (key, text)
        return key.withUTF8 { key in
            text.withUTF8 { text in
                tape.withUnsafeBufferPointer { tape in
                    bytes.withUnsafeBufferPointer { bytes in
                        body(MemberSearch(source: self, tape: tape, bytes: bytes, key: key, text: text))
                    }
                }
            }
        }
    }
}

/// A member's key and text, looked for where the source stands in memory: no count is kept and no bound checked twice
/// for each of the many entries that do not match.
private struct MemberSearch {
    let source: JSONSource
    let tape: UnsafeBufferPointer<TapeEntry>
    let bytes: UnsafeBufferPointer<UInt8>
    let key: UnsafeBufferPointer<UInt8>
    let text: UnsafeBufferPointer<UInt8>

    /// The value at `index` of the tape is an object whose member `key` is the string `text`.
    func matches(_ index: Int) -> Bool {
        guard bytes[Int(tape[index].start)] == Byte.braceOpen else { return false }
        let end = tape[index].next
        var at = index + 1
        while at < end {
            if isSame(key, tape[at]) {
                return bytes[Int(tape[at + 1].start)] == Byte.quote && isSame(text, tape[at + 1])
            }
            at = tape[at + 1].next
        }
        return false
    }

    @inline(__always)
    private func isSame(_ wanted: UnsafeBufferPointer<UInt8>, _ entry: TapeEntry) -> Bool {
        if entry.hasEscapes { return source.isText(wanted, at: entry) }
        let (start, end) = (Int(entry.start) &+ 1, Int(entry.end) &- 1)
        guard end &- start == wanted.count, let first = bytes.baseAddress else { return false }
        return areSame(UnsafeBufferPointer(start: first + start, count: wanted.count), wanted)
    }
}
