// SPDX-License-Identifier: Apache-2.0

/// Texts by small numbers, each once, in one piece of memory: a directory names its people again and again.
struct InternTable {
    private var bytes: [UInt8] = []
    /// Where each text ends.
    private var ends: [UInt32] = []
    /// Numbers by hash, -1 where there is none; always at least a third is free.
    private var slots: [Int32] = Array(repeating: -1, count: 1024)

    var count: Int { ends.count }

    subscript(number: Int32) -> ArraySlice<UInt8> {
        let place = Int(number)
        return bytes[(place == 0 ? 0 : Int(ends[place - 1]))..<Int(ends[place])]
    }

    /// The text's number, a new one where it was not there.
    mutating func intern(_ text: some Collection<UInt8>) -> Int32 {
        if (ends.count + 1) * 3 > slots.count * 2 { grow() }
        let slot = slot(of: text)
        if slots[slot] >= 0 { return slots[slot] }
        bytes += text
        ends.append(UInt32(bytes.count))
        slots[slot] = Int32(ends.count - 1)
        return slots[slot]
    }

    func find(_ text: some Collection<UInt8>) -> Int32? {
        let number = slots[slot(of: text)]
        return number < 0 ? nil : number
    }

    /// Where the text's number is, or where it would be put.
    private func slot(of text: some Collection<UInt8>) -> Int {
        var slot = hash(text) & (slots.count - 1)
        while slots[slot] >= 0, !self[slots[slot]].elementsEqual(text) { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    /// Seeded anew in each process, so that nobody chooses texts that meet in one place.
    private func hash(_ text: some Collection<UInt8>) -> Int {
        var hasher = Hasher()
        let isDone = text.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) } != nil
        if !isDone { for byte in text { hasher.combine(byte) } }
        return hasher.finalize()
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        for number in ends.indices { slots[slot(of: self[Int32(number)])] = Int32(number) }
    }
}
