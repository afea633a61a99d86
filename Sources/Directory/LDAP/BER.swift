// SPDX-License-Identifier: Apache-2.0

/// The few elements of BER that the values of controls are made of. liblber writes and reads them by variadic functions,
/// which Swift cannot call.
enum BER {
    static let boolean: UInt8 = 0x01
    static let integer: UInt8 = 0x02
    static let octets: UInt8 = 0x04
    static let enumerated: UInt8 = 0x0A
    static let sequence: UInt8 = 0x30

    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        [tag] + length(content.count) + content
    }

    /// Not negative.
    static func integer(_ value: Int) -> [UInt8] { element(integer, bigEndian(value, withSign: true)) }

    private static func length(_ count: Int) -> [UInt8] {
        if count < 128 { return [UInt8(count)] }
        let bytes = bigEndian(count, withSign: false)
        return [0x80 | UInt8(bytes.count)] + bytes
    }

    private static func bigEndian(_ value: Int, withSign: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        repeat {
            bytes.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        } while rest > 0
        return withSign && bytes[0] > 127 ? [0] + bytes : bytes
    }

    /// The elements in a row, or nil where the bytes end within one or go on behind the last.
    static func elements(_ bytes: ArraySlice<UInt8>) -> [(tag: UInt8, content: ArraySlice<UInt8>)]? {
        var found: [(tag: UInt8, content: ArraySlice<UInt8>)] = []
        var rest = bytes
        while let tag = rest.popFirst() {
            guard let length = length(&rest), length <= rest.count else { return nil }
            found.append((tag, rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return found
    }

    private static func length(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard let first = rest.popFirst() else { return nil }
        if first < 128 { return Int(first) }
        let count = Int(first & 0x7F)
        guard (1...4).contains(count), count <= rest.count else { return nil }
        var length = 0
        for byte in rest.prefix(count) { length = length << 8 | Int(byte) }
        rest = rest.dropFirst(count)
        return length
    }
}
