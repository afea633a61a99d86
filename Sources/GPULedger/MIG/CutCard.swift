// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// A card on which instances of one profile are to be made.
struct CutCard {
    let device: Device
    let shape: MIGShape
    private(set) var occupancy: MIGOccupancy
    /// Of all that is on it.
    private(set) var memory: MiB

    init(_ device: Device, _ shape: MIGShape, _ holds: [Hold]) {
        self.device = device
        self.shape = shape
        occupancy = MIGOccupancy(holds)
        memory = holds.reduce(MiB(0)) { $0 + $1.place.memory }
    }

    /// At the highest start: a `4g` begins at 0 only, so the low eighths are what is given last.
    fileprivate mutating func take() -> Place? {
        guard let start = occupancy.starts(for: shape).last else { return nil }
        occupancy.take(shape.slot(at: start))
        memory = memory + shape.memory
        return Place(shape, at: start, on: device)
    }

    fileprivate func comes(before other: CutCard) -> Bool {
        (other.memory, device.id) < (memory, other.device.id)
    }
}

extension [CutCard] {
    /// On the fullest that has room, so that others become empty; then by name.
    mutating func take() -> Place? {
        let open = indices.filter { !self[$0].occupancy.starts(for: self[$0].shape).isEmpty }
        return open.min { self[$0].comes(before: self[$1]) }.flatMap { self[$0].take() }
    }
}
