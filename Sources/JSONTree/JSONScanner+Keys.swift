// SPDX-License-Identifier: Apache-2.0

extension JSONScanner {
    /// Up to this many members, comparing all pairs is quicker than a set.
    private static var pairsMax: Int { 16 }

    /// Refuses the object, complete on the tape but for its end, when two keys mean the same after unescaping.
    mutating func refuseDuplicateKeys(of object: Int) throws(JSONError) {
        var keys: [TapeEntry] = []
        var hasEscapes = false
        var index = object + 1
        while index < tape.count {
            keys.append(tape[index])
            hasEscapes = hasEscapes || tape[index].hasEscapes
            index = tape[index + 1].next
        }
        if keys.count < 2 { return }
        let duplicate = hasEscapes ? firstDuplicateUnescaping(keys) : firstDuplicate(keys)
        if let duplicate { throw .duplicateKey(offset: Int(duplicate.start), key: text(of: duplicate)) }
    }

    private func firstDuplicate(_ keys: [TapeEntry]) -> TapeEntry? {
        if keys.count <= Self.pairsMax {
            for (place, key) in keys.enumerated() {
                for other in keys[..<place] where areSame(content(of: key), content(of: other)) { return key }
            }
            return nil
        }
        var seen = Set<KeyInSource>(minimumCapacity: keys.count)
        return keys.first { !seen.insert(KeyInSource(bytes: content(of: $0))).inserted }
    }

    private func firstDuplicateUnescaping(_ keys: [TapeEntry]) -> TapeEntry? {
        var seen = Set<[UInt8]>(minimumCapacity: keys.count)
        return keys.first { !seen.insert(unescaped(ArraySlice(content(of: $0)))).inserted }
    }

    private func content(of key: TapeEntry) -> UnsafeBufferPointer<UInt8> {
        UnsafeRawBufferPointer(rebasing: source[key.content]).assumingMemoryBound(to: UInt8.self)
    }

    private func text(of key: TapeEntry) -> String {
        String(decoding: unescaped(ArraySlice(content(of: key))), as: UTF8.self)
    }
}

/// A key without escapes where it stands; hashed with the process's random seed, so nobody can aim at one bucket.
private struct KeyInSource: Hashable {
    let bytes: UnsafeBufferPointer<UInt8>

    static func == (a: KeyInSource, b: KeyInSource) -> Bool { areSame(a.bytes, b.bytes) }

    func hash(into hasher: inout Hasher) { hasher.combine(bytes: UnsafeRawBufferPointer(bytes)) }
}
