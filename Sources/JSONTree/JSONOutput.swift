// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Text under way: a buffer that grows, since an array checks its uniqueness at each of the thousand short pieces that
/// a pod is written in.
struct JSONOutput: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var count = 0
    private var capacity: Int
    private var isOwned = false

    /// What `write` appends. It is copied when it outgrows `capacity`, and when it would waste more than half of it.
    static func bytes(capacity: Int, _ write: (inout JSONOutput) -> Void) -> [UInt8] {
        var copy: [UInt8]?
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { room, count in
            var out = JSONOutput(room)
            write(&out)
            if out.isOwned || out.count < capacity / 2 { copy = Array(out.written) } else { count = out.count }
        }
        return copy ?? bytes
    }

    private init(_ room: UnsafeMutableBufferPointer<UInt8>) {
        start = room.baseAddress!
        capacity = room.count
    }

    deinit { if isOwned { start.deallocate() } }

    private var written: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        start[count] = byte
        count &+= 1
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let from = bytes.baseAddress else { return }
        reserve(bytes.count)
        memcpy(start + count, from, bytes.count)
        count &+= bytes.count
    }

    mutating func append(_ text: String) { text.withBytes { append($0) } }

    /// Appends the text between quotes, as it is up to the first byte that needs an escape.
    ///
    /// - Returns: how many bytes that is; nil when it is all of them, and the closing quote stands behind them.
    @inline(__always)
    mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        // Two quotes, and what the last word may write too much.
        reserve(text.count &+ 10)
        let content = start + count + 1
        content[-1] = Byte.quote
        let plain = ByteView(text).copyPlain(to: content)
        count &+= plain &+ 1
        if plain < text.count { return plain }
        content[plain] = Byte.quote
        count &+= 1
        return nil
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity &- count < more { grow(by: more) }
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        capacity = max(2 * capacity, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: start, count: count)
        if isOwned { start.deallocate() }
        start = larger
        isOwned = true
    }
}

extension ByteView {
    /// Copies all bytes up to the first that JSON escapes, and returns how many. Up to eight more are overwritten.
    ///
    /// The last eight are looked at once more where they overlap those before: cheaper than one by one.
    @inline(__always)
    fileprivate func copyPlain(to target: UnsafeMutablePointer<UInt8>) -> Int {
        var at = 0
        while true {
            let word = count < 8 ? shortWord : word(at: at)
            UnsafeMutableRawPointer(target + at).storeBytes(of: word.littleEndian, as: UInt64.self)
            let marks = EightBytes.marksOfSpecial(word)
            if marks != 0 { return at &+ EightBytes.first(marks) }
            if at &+ 8 >= count { return count }
            at = min(at &+ 8, count &- 8)
        }
    }
}
