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
        for step in 0..<300 {
            let id = "r\(Int.random(in: 0..<24, using: &random))"
            switch Int.random(in: 0..<10, using: &random) {
            case ..<6:
                guard let offer = Scenario.offers.randomElement(using: &random) else { return }
                let demand = try Demand(offer, in: catalogue)
                guard live[id] == nil, let places = picture.place(demand) else { continue }
                live[id] = places.map { $0.hold(of: id, offer) }
                picture.set(live[id] ?? [], of: id)
            case ..<9:
                live[id] = nil
                picture.set([], of: id)
            default:
                catalogue = try DeviceCatalogue(
                    Scenario.inventories.randomElement(using: &random) ?? Scenario.inventories[0])
                picture = picture.with(catalogue)
            }
            let scratch = Picture(catalogue, live.values.flatMap { $0 })
            try #require(picture.isSame(as: scratch), "seed \(seed), step \(step)")
        }
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
    fileprivate func isSame(as other: Picture) -> Bool {
        catalogue.devices.allSatisfy { use(of: $0) == other.use(of: $0) }
            && indices.map(\.lists) == other.indices.map(\.lists)
            && astray == other.astray && unsound == other.unsound
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
