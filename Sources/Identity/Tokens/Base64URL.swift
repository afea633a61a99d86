// SPDX-License-Identifier: Apache-2.0

/// Strict base64url without padding (RFC 7515 section 2): each byte sequence has one spelling, and only that is read.
///
/// Padding, blanks, the other alphabet's `+` and `/`, a lone last letter, and bits left over in the last letter are all
/// refused. A reader that lets them pass gives one signature many spellings.
package enum Base64URL {
    /// Nil where the text is not base64url.
    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard let count = decodedCount(text.count) else { return nil }
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            isValid = fill(room, from: text)
            filled = isValid ? count : 0
        }
        return isValid ? bytes : nil
    }

    /// Hands the bytes to `body` without keeping them; nil where the text is not base64url.
    static func withDecoded<Result>(
        _ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result? {
        guard let count = decodedCount(text.count) else { return nil }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { room in
            fill(room, from: text) ? body(UnsafeBufferPointer(room)) : nil
        }
    }

    /// Nil for a number of letters that no bytes have.
    private static func decodedCount(_ letters: Int) -> Int? {
        let rest = letters & 3
        return rest == 1 ? nil : letters / 4 * 3 + (rest == 0 ? 0 : rest - 1)
    }

    package static func decode(_ text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBufferPointer { decode($0) }
    }

    /// Four letters at a time, each from the table of its place, so that nothing is left to shift. Letters that are none
    /// leave a mark, which one test finds at the end.
    private static func fill(
        _ room: UnsafeMutableBufferPointer<UInt8>, from text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard let source = text.baseAddress, var target = room.baseAddress else { return text.isEmpty }
        let first = Letters.table
        let (second, third, fourth) = (first + 256, first + 512, first + 768)
        var faults: UInt32 = 0
        var at = 0
        let whole = text.count & ~3
        while at < whole {
            let word =
                first[Int(source[at])] | second[Int(source[at &+ 1])] | third[Int(source[at &+ 2])]
                | fourth[Int(source[at &+ 3])]
            faults |= word
            target[0] = UInt8(truncatingIfNeeded: word &>> 16)
            target[1] = UInt8(truncatingIfNeeded: word &>> 8)
            target[2] = UInt8(truncatingIfNeeded: word)
            target += 3
            at &+= 4
        }
        return faults & Letters.fault == 0 && fillRest(target, from: source + whole, text.count - whole, fourth)
    }

    /// The last two or three letters, whose unused bits have to be zero.
    private static func fillRest(
        _ target: UnsafeMutablePointer<UInt8>, from source: UnsafePointer<UInt8>, _ count: Int,
        _ table: UnsafePointer<UInt32>
    ) -> Bool {
        guard count > 0 else { return true }
        let (first, second) = (table[Int(source[0])], table[Int(source[1])])
        guard (first | second) & Letters.fault == 0 else { return false }
        target[0] = UInt8(truncatingIfNeeded: first &<< 2 | second &>> 4)
        if count == 2 { return second & 0x0F == 0 }
        let third = table[Int(source[2])]
        guard third & Letters.fault == 0 else { return false }
        target[1] = UInt8(truncatingIfNeeded: second &<< 4 | third &>> 2)
        return third & 0x03 == 0
    }
}

/// What each byte stands for.
private enum Letters {
    /// Set for bytes that are no letter, above the 24 bits of four that are.
    static let fault: UInt32 = 1 << 31

    /// Four tables of 256 entries, one behind the other: for the first of four letters, which has the highest bits of
    /// the 24, and so on to the fourth. Never freed.
    nonisolated(unsafe) static let table: UnsafePointer<UInt32> = {
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 1024)
        table.initialize(repeating: fault, count: 1024)
        for (value, letter) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8.enumerated() {
            for place in 0..<4 { table[256 * place + Int(letter)] = UInt32(value) << UInt32(18 - 6 * place) }
        }
        return UnsafePointer(table)
    }()
}
