// SPDX-License-Identifier: Apache-2.0

/// Rows of texts in one piece of memory: a Swift string of its own for each would take three times as much.
struct TextRows {
    private var bytes: [UInt8] = []
    private var starts: [UInt32] = []

    var count: Int { starts.count }

    mutating func append(_ texts: [String]) {
        starts.append(UInt32(bytes.count))
        put(texts.count)
        for text in texts {
            put(text.utf8.count)
            bytes += text.utf8
        }
    }

    subscript(row: Int) -> [String] {
        var place = Int(starts[row])
        return (0..<take(&place)).map { _ in
            let length = take(&place)
            defer { place += length }
            return String(decoding: bytes[place..<place + length], as: UTF8.self)
        }
    }

    /// Seven bits a byte, the lowest first.
    private mutating func put(_ number: Int) {
        var rest = number
        while rest > 127 {
            bytes.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private func take(_ place: inout Int) -> Int {
        var number = 0
        var shift = 0
        while true {
            let byte = bytes[place]
            place += 1
            number |= Int(byte & 127) << shift
            if byte < 128 { return number }
            shift += 7
        }
    }
}
