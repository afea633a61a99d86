// SPDX-License-Identifier: Apache-2.0

/// One deadline per seat, the earliest at hand.
///
/// A deadline that moves later, as a connection's does with each request, only changes `wanted`; the heap learns of it
/// when the old time comes. So the common case is one store, and the heap never holds more than one entry a seat.
/// Times are milliseconds of the loop's monotonic clock.
package struct TimerHeap {
    package static let never = UInt64.max

    private struct Entry {
        var due: UInt64
        let seat: Int32
    }

    private var entries: [Entry] = []
    private var wanted: [UInt64] = []
    /// Where each seat's entry stands in `entries`; -1 for none.
    private var positions: [Int32] = []

    package init() {}

    /// Room for seats 0..<count; a new seat has no deadline.
    package mutating func grow(to count: Int) {
        while wanted.count < count {
            wanted.append(TimerHeap.never)
            positions.append(-1)
        }
    }

    package mutating func set(_ seat: Int32, to due: UInt64) {
        wanted[Int(seat)] = due
        let position = Int(positions[Int(seat)])
        if position < 0 {
            guard due != TimerHeap.never else { return }
            entries.append(Entry(due: due, seat: seat))
            rise(from: entries.count - 1)
        } else if due < entries[position].due {
            entries[position].due = due
            rise(from: position)
        }
    }

    /// The time at which to look again; it may come early, never late.
    package var next: UInt64 { entries.first?.due ?? TimerHeap.never }

    /// A seat whose deadline has come, which then has none; nil when no other has.
    package mutating func takeDue(at now: UInt64) -> Int32? {
        while let first = entries.first, first.due <= now {
            let due = wanted[Int(first.seat)]
            if due > now, due != TimerHeap.never {
                entries[0].due = due
                sink(from: 0)
                continue
            }
            removeFirst()
            if due <= now {
                wanted[Int(first.seat)] = TimerHeap.never
                return first.seat
            }
        }
        return nil
    }

    private mutating func removeFirst() {
        positions[Int(entries[0].seat)] = -1
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
        sink(from: 0)
    }

    private mutating func rise(from start: Int) {
        let entry = entries[start]
        var place = start
        while place > 0 {
            let parent = (place - 1) / 2
            guard entry.due < entries[parent].due else { break }
            put(entries[parent], at: place)
            place = parent
        }
        put(entry, at: place)
    }

    private mutating func sink(from start: Int) {
        let entry = entries[start]
        var place = start
        while true {
            var child = 2 * place + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].due < entries[child].due { child += 1 }
            guard entries[child].due < entry.due else { break }
            put(entries[child], at: place)
            place = child
        }
        put(entry, at: place)
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        entries[place] = entry
        positions[Int(entry.seat)] = Int32(place)
    }
}
