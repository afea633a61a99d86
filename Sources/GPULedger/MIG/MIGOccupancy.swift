// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What instances that are made on demand leave of a card, whichever pools they are of.
struct MIGOccupancy: Sendable {
    private var slots: [MIGSlot] = []
    /// Whole, in shares, or cut in a way that does not say where: no instance is made beside that.
    private(set) var isClosed = false

    init() {}

    init(_ holds: [Hold]) {
        for hold in holds {
            if let slot = hold.place.slot { slots.append(slot) } else { isClosed = true }
        }
    }

    mutating func take(_ slot: MIGSlot) { slots.append(slot) }

    /// Where one more fits, in order.
    func starts(for shape: MIGShape) -> [Int] {
        guard !isClosed, !(shape.profile.hasMediaEngines && hasMedia) else { return [] }
        return shape.starts.filter { start in !slots.contains { $0.eighths.overlaps(start..<start + shape.length) } }
    }

    /// How many more fit.
    func left(for shape: MIGShape) -> Int { min(starts(for: shape).count, shape.most) }

    var hasMedia: Bool { slots.contains(where: \.profile.hasMediaEngines) }

    /// Of the memory, wherever they are.
    var freeEighths: Int { isClosed ? 0 : 8 - slots.reduce(0) { $0 + $1.length } }

    /// Of the compute slices; where all are taken, an eighth of the memory may be left that nobody can have.
    func freeSevenths(onCardOf memory: MiB) -> Int {
        isClosed ? 0 : 7 - slots.reduce(0) { $0 + (MIGSlices($1.profile, cardMemory: memory)?.computeSevenths ?? 0) }
    }
}

extension MIGSlot {
    /// Whether both can be on one card.
    func fits(beside other: MIGSlot) -> Bool {
        !eighths.overlaps(other.eighths) && !(profile.hasMediaEngines && other.profile.hasMediaEngines)
    }
}

extension Place {
    /// The device of the inventory that it is on: of an instance that is made on demand, its card.
    var bearer: String { slot == nil ? device : card }

    /// An instance that is yet to be made.
    init(_ shape: MIGShape, at start: Int, on device: Device) {
        self.init(
            node: device.node, card: device.card, device: "\(device.card)/\(shape.profile)@\(start)", units: 1,
            memory: shape.memory, limit: shape.memory, slot: shape.slot(at: start))
    }
}
