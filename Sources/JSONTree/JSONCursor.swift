// SPDX-License-Identifier: Apache-2.0

/// A place in a text, and what the grammar allows to stand there.
///
/// Every read of `source` stands behind a comparison with `source.count`; the debug build checks each again. What is
/// met seldom is a function of its own that returns a place: one that moved the cursor would make the scan keep it in
/// memory instead of a register.
struct JSONCursor {
    let source: ByteView
    var at = 0

    init(source: ByteView) { self.source = source }

    /// The byte at `at`; 0, which fits nowhere, at the end of the text.
    @inline(__always)
    var peek: UInt8 { at < source.count ? source[at] : 0 }

    /// Goes on to the next byte that is no space, and returns it; 0 at the end of the text.
    @inline(__always)
    mutating func peekPastSpace() -> UInt8 {
        let byte = peek
        if byte > Byte.space { return byte }
        at = endOfSpace()
        return peek
    }

    /// Not part of the scan itself: asked there for a single space, it made compact texts a tenth slower.
    @inline(never)
    private func endOfSpace() -> Int {
        let eightSpaces: UInt64 = 0x2020_2020_2020_2020
        var end = at
        while end < source.count {
            switch source[end] {
            case Byte.space:
                let isLongRun = end + 8 <= source.count && source.word(at: end) == eightSpaces
                end += isLongRun ? 8 : 1
            case Byte.lineFeed, Byte.carriageReturn, Byte.tab: end += 1
            default: return end
            }
        }
        return end
    }

    @inline(never)
    func endOfWord(_ word: StaticString) throws(JSONError) -> Int {
        var cursor = self
        for place in 0..<word.utf8CodeUnitCount {
            guard cursor.peek == word.utf8Start[place] else { throw cursor.fault("expected \(word)") }
            cursor.at += 1
        }
        return cursor.at
    }

    func refuseByteOrderMark() throws(JSONError) {
        if source.count >= 3, source[0] == 0xEF, source[1] == 0xBB, source[2] == 0xBF {
            throw fault("a byte order mark is not allowed")
        }
    }

    @inline(never)
    func fault(_ reason: String, at offset: Int? = nil) -> JSONError {
        let offset = offset ?? at
        return .malformed(offset: offset, reason: offset < source.count ? reason : "the text ends here; \(reason)")
    }
}
