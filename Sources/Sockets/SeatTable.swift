// SPDX-License-Identifier: Apache-2.0

/// A place at an event loop, for one handler. Its number alone could be taken by the next handler while an event for
/// the last one is still on its way, so it carries the count of its holders too.
package struct Seat: Hashable, Sendable {
    let index: Int32
    let generation: UInt32

    /// As it travels through epoll.
    var token: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(bitPattern: index)) }

    init(index: Int32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    init(token: UInt64) {
        index = Int32(bitPattern: UInt32(truncatingIfNeeded: token))
        generation = UInt32(truncatingIfNeeded: token >> 32)
    }
}

/// The handlers of one loop by seat. As long as the most that were ever seated at once.
struct SeatTable {
    private struct Place {
        var handler: (any EventHandler)?
        var generation: UInt32 = 0
    }

    private var places: [Place] = []
    private var vacant: [Int32] = []

    var count: Int { places.count }

    var handlers: [any EventHandler] { places.compactMap(\.handler) }

    mutating func take(_ handler: any EventHandler) -> Seat {
        if let index = vacant.popLast() {
            places[Int(index)].handler = handler
            return Seat(index: index, generation: places[Int(index)].generation)
        }
        places.append(Place(handler: handler))
        return Seat(index: Int32(places.count - 1), generation: 0)
    }

    mutating func leave(_ seat: Seat) {
        precondition(holds(seat), "a seat is left once, by its holder")
        places[Int(seat.index)].handler = nil
        places[Int(seat.index)].generation &+= 1
        vacant.append(seat.index)
    }

    func holds(_ seat: Seat) -> Bool {
        let place = places[Int(seat.index)]
        return place.generation == seat.generation && place.handler != nil
    }

    /// Nil when that holder has left.
    func handler(at seat: Seat) -> (any EventHandler)? {
        let place = places[Int(seat.index)]
        return place.generation == seat.generation ? place.handler : nil
    }

    func handler(at index: Int32) -> (any EventHandler)? { places[Int(index)].handler }
}
