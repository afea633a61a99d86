// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import GPULedger

/// The picture that follows change by change, beside one made from the same holds at once.
@Suite struct PictureTests {
    @Test(arguments: [7919, 15838, 23757, 31676, 39595] as [UInt64])
    func `after any changes the picture is the one made from scratch`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var catalogue = try DeviceCatalogue(Scenario.inventories[0])
        var picture = Picture(catalogue)
        var live: [String: [Hold]] = [:]
        var drained: Set<String> = []
        for step in 0..<300 {
            let id = "r\(Int.random(in: 0..<24, using: &random))"
            switch Int.random(in: 0..<10, using: &random) {
            case ..<6:
                guard let offer = Scenario.offers.randomElement(using: &random) else { return }
                let demand = try Demand(offer, in: catalogue)
                guard live[id] == nil, let places = picture.place(demand) else { continue }
                live[id] = places.map { $0.hold(of: id, offer) }
                picture.set(live[id] ?? [], of: id)
            case ..<8:
                live[id] = nil
                picture.set([], of: id)
            case ..<9:
                drained = Set(catalogue.nodes.map(\.name).filter { _ in .random(using: &random) })
            default:
                catalogue = try DeviceCatalogue(
                    Scenario.inventories.randomElement(using: &random) ?? Scenario.inventories[0])
                picture = picture.with(catalogue)
            }
            picture.take(OutsideUse(drained: drained), now: noon)
            var scratch = Picture(catalogue)
            scratch.take(OutsideUse(drained: drained), now: noon)
            scratch.add(live.values.flatMap { $0 })
            try #require(picture.isSame(as: scratch), "seed \(seed), step \(step)")
        }
    }

    @Test(arguments: [7919, 15838, 23757, 31676, 39595] as [UInt64])
    func `that holds beside strangers' pods, and with cards that are kept open`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var catalogue = try DeviceCatalogue(Self.keptOpen[0])
        var picture = Picture(catalogue)
        var live: [String: [Hold]] = [:]
        var ended: [(pool: String, device: String, at: Instant)] = []
        var foreign: [ForeignUse] = []
        var now = noon
        for step in 0..<300 {
            now = now + .seconds(Int.random(in: 0...120, using: &random))
            picture.advance(to: now)
            let id = "r\(Int.random(in: 0..<24, using: &random))"
            switch Int.random(in: 0..<10, using: &random) {
            case ..<5:
                guard let offer = Scenario.offers.randomElement(using: &random) else { return }
                guard live[id] == nil, let places = try picture.place(Demand(offer, in: catalogue)) else { continue }
                live[id] = places.map { $0.hold(of: id, offer) }
                picture.set(live[id] ?? [], of: id)
            case ..<8:
                guard let holds = live.removeValue(forKey: id) else { continue }
                let shares = holds.filter { $0.mode == .shared && catalogue.device($0.place.device) != nil }
                ended += shares.map { ($0.pool, $0.place.device, now) }
                picture.set([], of: id, endedAt: now)
            case ..<9:
                foreign = (0..<3).map { Self.stranger($0, on: catalogue, using: &random) }
            default:
                catalogue = try DeviceCatalogue(Self.keptOpen.randomElement(using: &random) ?? Self.keptOpen[0])
                picture = picture.with(catalogue)
                ended.removeAll { catalogue.device($0.device) == nil }
            }
            picture.sequence += 1
            picture.take(OutsideUse(foreign: foreign), now: now)
            // Where strangers were laid depends on what was there at the time: that they fit is looked at apart.
            let strangers = Set(foreign.map { Hold.foreignPrefix + $0.podUID }).flatMap { picture.holds(of: $0) }
            var scratch = Picture(catalogue, live.values.flatMap { $0 } + strangers)
            scratch.keepOpen(ended)
            scratch.advance(to: now)
            let isSame = picture.isSame(as: scratch)
            try #require(isSame, "seed \(seed), step \(step)")
            let broken = strangers.filter { !picture.hasMemory(for: $0) }
            try #require(broken.isEmpty, "seed \(seed), step \(step): \(broken)")
        }
    }

    /// The scenario's inventories, with pools that leave something to whole cards.
    private static let keptOpen = Scenario.inventories.map { inventory in
        let shared = [
            sharedPool(unit: 512, overcommit: 150, sharers: 4, headroom: 1, keptOpenFor: .seconds(300)),
            sharedPool("dense", unit: 1024, sharers: 3, keptOpenFor: .seconds(900)),
        ]
        return Inventory(nodes: inventory.nodes, pools: inventory.pools.filter { $0.terms == nil } + shared)
    }

    private static func stranger(
        _ number: Int, on catalogue: DeviceCatalogue, using random: inout SeededGenerator
    ) -> ForeignUse {
        let resources = [("nvidia.com/gpu", 2), ("mortalgpu/shared", 40), ("nvidia.com/mig-1g.10gb", 2)]
        let (resource, most) = resources.randomElement(using: &random) ?? ("nvidia.com/gpu", 1)
        return ForeignUse(
            podUID: "x\(number)", namespace: "other", podName: "x\(number)",
            node: catalogue.nodes.randomElement(using: &random)?.name, pool: nil, resource: resource,
            amount: .random(in: 1...most, using: &random), reason: .unsealed)
    }

    @Test func `a copy does not hear of what is changed in the other`() throws {
        let catalogue = try DeviceCatalogue(Scenario.inventories[0])
        let before = Picture(catalogue)
        var after = before
        let demand = try Demand(cards(1), in: catalogue)
        let places = try #require(after.place(demand))
        after.set(places.map { $0.hold(of: "r", cards(1)) }, of: "r")
        #expect(before.isSame(as: Picture(catalogue)))
        #expect(!after.isSame(as: before))
    }
}

extension Picture {
    /// Whether what is on the hold's device, itself among it, is there to be had.
    fileprivate func hasMemory(for hold: Hold) -> Bool {
        guard let device = catalogue.device(hold.place.device) else { return false }
        let use = use(of: device)
        return hold.mode == .shared ? use.isOpenToShares && use.memory <= device.memory : use.holds.count == 1
    }

    fileprivate func isSame(as other: Picture) -> Bool {
        catalogue.devices.allSatisfy { use(of: $0) == other.use(of: $0) }
            && indices.map(\.lists) == other.indices.map(\.lists)
            && astray == other.astray && unsound == other.unsound && withheld == other.withheld
            && keptOpen == other.keptOpen
    }
}

extension PoolIndex {
    fileprivate var lists: [[Key]] {
        [nodes, open, closed, whole].map { list in
            var keys: [Key] = []
            list.visit(from: .first) { key in
                keys.append(key)
                return true
            }
            return keys
        }
    }
}

extension Place {
    fileprivate func hold(of id: String, _ request: GPURequest) -> Hold {
        let mode: Hold.Mode =
            switch request.amount {
            case .cards: .whole
            case .migInstances: .mig
            case .share: .shared
            }
        return Hold(reservationID: id, pool: request.pool, mode: mode, place: self, lasts: .bound(endsBy: nil))
    }
}
