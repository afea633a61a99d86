// SPDX-License-Identifier: Apache-2.0
import Sockets
import Testing

@Suite struct TimerHeapTests {
    /// The model: a dictionary, searched. Prints its seed.
    @Test func `deadlines come due as in a plain table, whatever is set, moved and taken away`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed)
        for _ in 0..<200 {
            var heap = TimerHeap()
            var model: [Int32: UInt64] = [:]
            var now: UInt64 = 0
            heap.grow(to: 12)
            for _ in 0..<300 {
                let seat = Int32.random(in: 0..<12, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0, 1:
                    let due = now + UInt64.random(in: 1...50, using: &random)
                    heap.set(seat, to: due)
                    model[seat] = due
                case 2:
                    heap.set(seat, to: TimerHeap.never)
                    model[seat] = nil
                default:
                    now += UInt64.random(in: 0...30, using: &random)
                    let due = model.filter { $0.value <= now }
                    #expect(taken(from: &heap, at: now) == Set(due.keys), "seed \(seed)")
                    for seat in due.keys { model[seat] = nil }
                }
                #expect(heap.next <= model.values.min() ?? TimerHeap.never, "never late; seed \(seed)")
            }
        }
    }

    private func taken(from heap: inout TimerHeap, at now: UInt64) -> Set<Int32> {
        var seats: Set<Int32> = []
        while let seat = heap.takeDue(at: now) {
            #expect(seats.insert(seat).inserted, "a deadline comes due once")
        }
        return seats
    }

    @Test func `a deadline that moves later costs no second entry`() {
        var heap = TimerHeap()
        heap.grow(to: 1)
        for due in UInt64(1)...1000 { heap.set(0, to: due) }
        #expect(heap.next == 1)
        #expect(heap.takeDue(at: 999) == nil)
        #expect(heap.next == 1000)
        #expect(heap.takeDue(at: 1000) == 0)
        #expect(heap.next == TimerHeap.never)
    }
}

/// SplitMix64, so that a printed seed repeats a run.
private struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
