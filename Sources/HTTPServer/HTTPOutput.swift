// SPDX-License-Identifier: Apache-2.0

/// Bytes on their way out, in memory that is kept between answers. Appending is a copy and an addition, which an Array's
/// generic append is not; every answer makes a dozen. A class, so that its owner's access to it needs no run-time check.
final class HTTPOutput {
    /// Of `bytes`.
    private var count = 0
    /// What goes out behind `bytes`: a long body, which is not copied.
    private(set) var tail: [UInt8] = []
    private var memory: UnsafeMutableRawBufferPointer

    private static let longBody = 8 * 1024
    /// Memory beyond this is given back once it is not needed any more.
    private static let keptBytes = 256 * 1024
    private static let firstBytes = 16 * 1024

    init() { memory = .allocate(byteCount: HTTPOutput.firstBytes, alignment: 16) }

    deinit { memory.deallocate() }

    var isEmpty: Bool { count == 0 && tail.isEmpty }
    var total: Int { count + tail.count }
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    func clear() {
        count = 0
        tail = []
        guard memory.count > HTTPOutput.keptBytes else { return }
        memory.deallocate()
        memory = .allocate(byteCount: HTTPOutput.firstBytes, alignment: 16)
    }

    func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    func append(body: [UInt8]) {
        if body.count < HTTPOutput.longBody { return append(body) }
        takeTail()
        tail = body
    }

    /// Whatever follows a tail is put behind it.
    private func takeTail() {
        guard !tail.isEmpty else { return }
        let before = tail
        tail = []
        append(before)
    }

    func append(decimal number: Int) {
        if number >= 10 { append(decimal: number / 10) }
        append(byte: UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// As a field's name or value: what could end the line becomes a space (RFC 9110 section 5.5).
    func append(field text: String) {
        let start = count
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
        for place in start..<count where memory[place].endsFields { memory[place] = .space }
    }

    private func append(byte: UInt8) {
        takeTail()
        makeRoom(for: 1)
        memory[count] = byte
        count += 1
    }

    private func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        takeTail()
        makeRoom(for: bytes.count)
        (memory.baseAddress! + count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    private func makeRoom(for more: Int) {
        guard count + more > memory.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * memory.count, count + more),
            alignment: 16
        )
        larger.copyMemory(from: bytes)
        memory.deallocate()
        memory = larger
    }
}

extension UInt8 {
    fileprivate var endsFields: Bool { self == .carriageReturn || self == .lineFeed || self == 0 }
}
