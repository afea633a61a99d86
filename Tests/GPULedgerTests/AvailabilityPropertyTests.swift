// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite struct AvailabilityPropertyTests {
    @Test(arguments: InvariantTests.seeds)
    func `as many sessions start as availability says`(seed: UInt64) async throws {
        var scenario = try await Scenario(seed: seed)
        for _ in 0..<60 { _ = try await scenario.step() }
        var starts = 0
        for offer in scenario.ledger.availability(of: Scenario.offers, now: scenario.now) {
            var started: [ServerID] = []
            starts += 1
            while try await scenario.ledger.hold(
                request(offer.request, for: "extra-\(started.count)", start: "extra-\(starts)")
            )
                != nil
            {
                started.append(server("extra-\(started.count)"))
            }
            #expect(started.count == offer.freeNow, "seed \(seed), \(offer.request)")
            for server in started { _ = try await scenario.ledger.release(server, start: nil, now: scenario.now) }
        }
    }

    @Test(arguments: InvariantTests.seeds)
    func `once all who must end by the next free time have ended, one can start, and not before`(
        seed: UInt64
    ) async throws {
        var scenario = try await Scenario(seed: seed)
        for _ in 0..<120 { _ = try await scenario.step() }
        let (ledger, now) = (scenario.ledger, scenario.now)
        // Bound, so that each one's end can be read from outside.
        for held in try await ledger.reservations(includingEnded: false) where held.state == .held {
            _ = try await ledger.bind(held.id, server: held.server, now: now)
        }
        let offers = ledger.availability(of: Scenario.offers, now: now)
        for offer in offers where offer.freeNow > 0 { #expect(offer.nextFreeBy == nil) }
        guard let offer = offers.filter({ $0.nextFreeBy != nil }).randomElement(), let by = offer.nextFreeBy else {
            return
        }
        #expect(by > now, "seed \(seed)")

        let ending = try await ledger.reservations(includingEnded: false).compactMap { reservation in
            reservation.endsBy.map { (reservation, end: $0) }
        }
        for (reservation, end) in ending.sorted(by: { $0.end < $1.end }) where end > now && end <= by {
            #expect(
                ledger.availability(of: offer.request, now: now).freeNow == 0 || end > by + .seconds(-300),
                "seed \(seed): \(offer.request) was free before \(by)"
            )
            _ = try await ledger.release(reservation.server, start: reservation.start, now: now)
        }
        #expect(ledger.availability(of: offer.request, now: now).freeNow > 0, "seed \(seed): \(offer.request) at \(by)")
    }
}
