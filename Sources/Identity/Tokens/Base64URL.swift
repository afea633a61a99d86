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

    /// Four letters at a time. Letters that are none have the top bit, which one test finds for all of a token.
    private static func fill(
        _ room: UnsafeMutableBufferPointer<UInt8>, from text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard let source = text.baseAddress, var target = room.baseAddress else { return text.isEmpty }
        let table = Letters.table
        var faults: UInt32 = 0
        var at = 0
        let whole = text.count & ~3
        while at < whole {
            let (a, b) = (table[Int(source[at])], table[Int(source[at &+ 1])])
            let (c, d) = (table[Int(source[at &+ 2])], table[Int(source[at &+ 3])])
            faults |= a | b | c | d
            let word = a &<< 18 | b &<< 12 | c &<< 6 | d
            target[0] = UInt8(truncatingIfNeeded: word &>> 16)
            target[1] = UInt8(truncatingIfNeeded: word &>> 8)
            target[2] = UInt8(truncatingIfNeeded: word)
            target += 3
            at &+= 4
        }
        return faults & Letters.fault == 0 && fillRest(target, from: source + whole, text.count - whole, table)
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
    /// Set for bytes that are no letter, above the six bits of one that is.
    static let fault: UInt32 = 1 << 31

    /// For all 256 bytes; never freed.
    nonisolated(unsafe) static let table: UnsafePointer<UInt32> = {
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
        table.initialize(repeating: fault, count: 256)
        for (value, letter) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8.enumerated() {
            table[Int(letter)] = UInt32(value)
        }
        return UnsafePointer(table)
    }()
}
