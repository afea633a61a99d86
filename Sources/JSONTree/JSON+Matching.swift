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
        return withTexts(key, text) { key, text in
            var found: [Int] = []
            var (at, position) = (index + 1, 0)
            while at < entry.next {
                if source.hasMember(key, text, at: at) { found.append(position) }
                position += 1
                at = source.tape[at].next
            }
            return found
        }
    }

    fileprivate func hasMember(_ key: String, _ text: String) -> Bool {
        withTexts(key, text) { key, text in source.hasMember(key, text, at: index) }
    }

    private func withTexts<Result>(
        _ key: String,
        _ text: String,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        var (key, text) = (key, text)
        return key.withUTF8 { key in text.withUTF8 { text in body(key, text) } }
    }
}

extension JSONSource {
    /// The value at `index` of the tape is an object whose member `key` is the string `text`.
    fileprivate func hasMember(
        _ key: UnsafeBufferPointer<UInt8>,
        _ text: UnsafeBufferPointer<UInt8>,
        at index: Int
    ) -> Bool {
        guard bytes[Int(tape[index].start)] == Byte.braceOpen else { return false }
        let end = tape[index].next
        var at = index + 1
        while at < end {
            if isText(key, at: tape[at]) {
                return bytes[Int(tape[at + 1].start)] == Byte.quote && isText(text, at: tape[at + 1])
            }
            at = tape[at + 1].next
        }
        return false
    }
}
