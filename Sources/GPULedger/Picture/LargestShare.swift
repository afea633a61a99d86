// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// The largest share that fits, with a limit as high as itself.
struct LargestShare {
    private let picture: Picture
    private let demand: Demand
    private var certain: CertainNodes

    init(_ picture: Picture, _ demand: Demand) {
        (self.picture, self.demand) = (picture, demand)
        certain = CertainNodes(picture, demand)
    }

    mutating func on(_ device: Device) -> MiB {
        guard let unit = device.unit ?? demand.terms?.unit, let room = picture.room(on: device, demand) else {
            return MiB(0)
        }
        let largest = room.largest(unit: unit)
        guard demand.fitting == .oneCardForCertain, largest.count > 0 else { return largest }
        return min(largest, MiB(certain[device].largest * unit.count))
    }

    /// Of those that are on several cards.
    func split() -> MiB { demand.known.ranges.map { split($0.node, $0.devices) }.max() ?? MiB(0) }

    private func split(_ node: Int, _ devices: Range<Int>) -> MiB {
        guard let unit = demand.known.unit(onNode: node) else { return MiB(0) }
        let cards = picture.cards(devices, of: demand).filter { picture.room(on: $0.device, demand) != nil }
        let rooms = { (cards: [ShareCard]) in cards.map { $0.room.largest(unit: unit).count }.sorted(by: >) }
        let whole = rooms(cards.filter(\.isWhole)).prefix(picture.openableWhole(demand))
        return MiB(rooms(cards.filter { !$0.isWhole }).reduce(0, +) + whole.reduce(0, +))
    }
}
