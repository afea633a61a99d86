// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import GPULedger
import SpawnModel
import Testing

/// What a shared pool's keys do, from the file to the ledger.
@Suite struct SharedPoolTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString)")

    /// One node with `cards` of 40 GiB, in a pool `p` that says `keys`, and in a pool `w` of whole cards.
    private func text(_ keys: String, cards: Int = 3, isWhole: Bool = true, mode: String = "shared") -> String {
        let pools = isWhole ? "[p, w]" : "[p]"
        let list = (0..<cards).map { "{uuid: GPU-\($0), product: x, memory: 40Gi, pools: \(pools)}" }
        return """
            pools: {p: {mode: \(mode)\(keys)}\(isWhole ? ", w: {mode: whole}" : "")}
            inventory: {nodes: {n: {cards: [\(list.joined(separator: ", "))]}}}

            """
    }

    private static let shares = ", resource: x/y, unit: 1Gi"

    private func ledger(_ text: String) throws -> Ledger {
        let site = try #require(try Sample(text).load().site)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return try Ledger(.file(folder.appending(path: "ledger.sqlite").path()), inventory: site.inventory)
    }

    private let noon = Instant(unixSeconds: 1_900_000_800)

    private func share(_ gibibytes: Int) -> GPURequest {
        GPURequest(pool: "p", amount: .share(request: MiB(gibibytes * 1024), limit: MiB(gibibytes * 1024)))
    }

    private let card = GPURequest(pool: "w", amount: .cards(1))

    /// Its devices; none where it is refused.
    private func devices(_ gpu: GPURequest, of ledger: Ledger, for user: String) async throws -> [String] {
        let server = ServerID(deployment: "production", user: user, name: "")
        let outcome = try await ledger.reserve(
            ReservationRequest(
                server: server, start: try #require(StartID("1")), gpu: gpu, terms: "{}", walltime: .seconds(3600),
                holdFor: .seconds(330), now: noon))
        guard case .held(let held, _) = outcome else { return [] }
        return held.placement.map(\.device)
    }

    private func free(_ gpu: GPURequest, of ledger: Ledger, at now: Instant? = nil) -> Availability {
        ledger.availability(of: [gpu], now: now ?? noon)[0]
    }

    @Test func `headroom keeps cards whole that shares would open`() async throws {
        let ledger = try ledger(text(Self.shares + ", headroom: 2"))
        #expect(free(share(40), of: ledger).freeNow == 1)
        #expect(try await devices(share(30), of: ledger, for: "ana") == ["GPU-0"])
        #expect(free(share(20), of: ledger).limitedBy == .capacity)
        #expect(try await devices(share(20), of: ledger, for: "bo") == [])
        #expect(free(card, of: ledger).freeNow == 2)
        #expect(try await devices(share(10), of: ledger, for: "cy") == ["GPU-0"])
        await ledger.close()
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `a card stays with shares after the last one for as long as the pool says`() async throws {
        let ledger = try ledger(text(Self.shares + ", kept_open_for: 10m", cards: 1))
        #expect(try await devices(share(30), of: ledger, for: "ana") == ["GPU-0"])
        let server = ServerID(deployment: "production", user: "ana", name: "")
        _ = try await ledger.release(server, start: nil, now: noon)
        #expect(free(card, of: ledger).freeNow == 0)
        #expect(free(card, of: ledger).nextFreeBy == noon + .seconds(600))
        #expect(free(share(40), of: ledger).freeNow == 1)
        #expect(free(card, of: ledger, at: noon + .seconds(600)).freeNow == 1)
        await ledger.close()
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `a pool spreads shares over cards where it says so`() async throws {
        let ledger = try ledger(text(Self.shares + ", policy: spread, sharer_overhead: 1Gi, card_choice: expected"))
        for (user, device) in [("ana", "GPU-0"), ("bo", "GPU-1"), ("cy", "GPU-2")] {
            #expect(try await devices(share(10), of: ledger, for: user) == [device])
        }
        // Each share takes one more than its own.
        #expect(free(share(29), of: ledger).freeNow == 0)
        #expect(free(share(28), of: ledger).freeNow == 3)
        await ledger.close()
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `who chooses the card is the backend's to say, and the pool's`() throws {
        let choices = [
            (Self.shares, GPUBackend.CardChoice.unknown), (Self.shares + ", card_choice: expected", .expected),
            (", backend: hami, unit: 1Gi", .expected),
            (", backend: [mortalgpu, kueue], settings: {queue: q}" + Self.shares, .unknown),
        ]
        for (keys, choice) in choices {
            let site = try #require(try Sample(text(keys, isWhole: false)).load().site)
            #expect(site.inventory.pools.first?.backend.cardChoice == choice, "\(keys)")
        }
    }

    @Test func `a MetaGPU share may be of several cards`() async throws {
        let keys = ", backend: metagpu, units_per_device: 100"
        let offer = "profiles: [{display_name: A, gpu: {pool: p, request: 60Gi}}]\n"
        let ledger = try ledger(text(keys, cards: 2, isWhole: false) + offer)
        #expect(Set(try await devices(share(60), of: ledger, for: "ana")) == ["GPU-0", "GPU-1"])
        await ledger.close()
        try FileManager.default.removeItem(at: folder)
        #expect(
            try faults(in: text(keys, cards: 1, isWhole: false) + offer).first?.contains(
                "60Gi is more than any node of the pool \"p\" has") == true)
    }

    @Test(arguments: [
        (
            ", headroom: 1", false,
            "pools.p.headroom: is about cards that are given whole too, and none of this pool is. Remove it, or name a "
                + "pool in mode `whole` beside this one at some cards."
        ),
        (
            ", headroom: 3", true,
            "pools.p.headroom: keeps all of the pool's cards whole (3), so that no share is ever given. Write at most 2."
        ),
        (", kept_open_for: 2d", true, "pools.p.kept_open_for: is out of range. Write 0s to 1d."),
        (", card_choice: steered", true, "pools.p.card_choice"),
    ])
    func `what cannot be kept whole is a fault`(keys: String, isWhole: Bool, fault: String) throws {
        let found = try faults(in: text(Self.shares + keys, isWhole: isWhole))
        #expect(found.count == 1 && found[0].contains(fault), "\(found)")
    }

    @Test func `what shares leave to whole cards has no place in another mode`() throws {
        let found = try faults(in: text(", headroom: 1", isWhole: false, mode: "whole"))
        #expect(found.contains { $0.contains("pools.p.headroom: goes with `mode: shared`") }, "\(found)")
    }
}
