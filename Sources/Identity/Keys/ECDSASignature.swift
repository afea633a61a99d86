// SPDX-License-Identifier: Apache-2.0

/// A JWS carries an ECDSA signature as its two numbers side by side, each as wide as the curve (RFC 7518 section 3.4);
/// OpenSSL reads a DER sequence of two integers.
enum ECDSASignature {
    /// Hands the DER form to `body`; nil where `signature` is not exactly two numbers of `width` bytes.
    static func withDER<Result>(
        of signature: UnsafeBufferPointer<UInt8>, width: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result? {
        guard signature.count == 2 * width else { return nil }
        // The sequence's tag and length take up to 3 bytes, each integer's 2, and a sign byte may be needed.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 3 + 2 * (width + 3)) { room in
            let numbers = [signature[..<width], signature[width...]].map { $0.drop { $0 == 0 } }
            let lengths = numbers.map { length(of: $0) }
            var writer = Writer(room: room)
            writer.head(tag: 0x30, length: lengths[0] + lengths[1] + 4)
            for (number, length) in zip(numbers, lengths) {
                writer.head(tag: 0x02, length: length)
                if length > number.count { writer.put(0) }
                for byte in number { writer.put(byte) }
            }
            return body(UnsafeBufferPointer(rebasing: room[..<writer.count]))
        }
    }

    /// Of a number without leading zeros: one byte more where the top bit would read as a sign, and zero takes one.
    private static func length(of number: Slice) -> Int {
        number.first.map { $0 & 0x80 == 0 ? number.count : number.count + 1 } ?? 1
    }

    private typealias Slice = Swift.Slice<UnsafeBufferPointer<UInt8>>

    private struct Writer {
        let room: UnsafeMutableBufferPointer<UInt8>
        var count = 0

        mutating func put(_ byte: UInt8) {
            room[count] = byte
            count += 1
        }

        /// Lengths here are below 256: two numbers of 67 bytes and their heads.
        mutating func head(tag: UInt8, length: Int) {
            put(tag)
            if length >= 0x80 { put(0x81) }
            put(UInt8(length))
        }
    }
}
