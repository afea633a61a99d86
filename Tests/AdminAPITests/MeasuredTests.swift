// SPDX-License-Identifier: Apache-2.0
import Foundation
import GPULedger
import JSONTree
import LastUse
import SpawnModel
import Testing

@testable import AdminAPI
@testable import MeasuredUse

/// What operators see of use that was measured, beside what is booked.
@Suite struct MeasuredTests {
    private let now = Instant(unixSeconds: 1_764_331_200)
    private let source = UseSource(kind: .exporter, url: "http://gpu-1", origin: "http://gpu-1", token: nil)
    private let board = UseBoard()

    private func tell(_ device: String, _ percent: Double, _ mebibytes: Double, at: Instant? = nil) {
        var labels = Exporter.Labels()
        labels.device = ["UUID"]
        let measures = [Measure.Unit.percent, .mebibytes].map {
            Measure(metric: $0.rawValue, unit: $0, targets: [.device], addsUp: false)
        }
        let exporter = Exporter(name: "x", labels: labels, measures: measures)
        board.expect(
            MeasuredUseTerms(
                sources: [source], exporters: [exporter], interval: .seconds(30), timeout: .seconds(5),
                staleAfter: .seconds(120)))
        let samples = [("percent", percent), ("MiB", mebibytes)].map {
            Sample(metric: $0.0, labels: ["UUID": device], value: $0.1, at: at ?? now)
        }
        board.take(UseSums(samples, [exporter]), from: source)
    }

    /// Two cards of 40 GiB, whole or shared by up to 20 GiB above what is asked for.
    private func withLedger(_ body: (Ledger) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "measured-\(UUID().uuidString).sqlite")
        let cards = ["GPU-1", "GPU-2"].map {
            Inventory.Card(
                uuid: $0, product: "A100", memory: MiB(40_960), pools: ["whole", "shared"], migInstances: [])
        }
        let pools = [
            Pool(name: "whole", displayName: "", mode: .whole, resourceName: "nvidia.com/gpu"),
            Pool(
                name: "shared", displayName: "",
                mode: .shared(.init(unit: MiB(1024), overcommitPercent: 150, sharersMax: 8)), resourceName: "x/shared"),
        ]
        let ledger = try Ledger(
            path: file.path(), inventory: Inventory(nodes: [.init(name: "n1", cards: cards)], pools: pools))
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file.path() + end) } }
        try await body(ledger)
        await ledger.close()
    }

    private func hold(_ user: String, _ gpu: GPURequest, _ ledger: Ledger) async throws -> Reservation {
        let server = ServerID(deployment: "production", user: user, name: "")
        let start = try #require(StartID("1"))
        let request = ReservationRequest(
            server: server, start: start, gpu: gpu, terms: "{}", walltime: nil, holdFor: .seconds(330), now: now)
        guard case .held(let held, _) = try await ledger.reserve(request) else { throw Unheld() }
        _ = try await ledger.bind(held.id, server: server, now: now)
        return try #require(try await ledger.reservation(held.id))
    }

    private struct Unheld: Error {}

    private func json(_ device: String, _ ledger: Ledger, at: Instant? = nil) throws -> JSON {
        let row = try #require(ledger.devices(now: now).first { $0.device == device })
        return MeasuredDevice(row, board, now: at ?? now).json
    }

    @Test func `E26: memory in use beyond what all on a device may use flags it, and what they may use does not`()
        async throws
    {
        try await withLedger { ledger in
            tell("GPU-1", 3, 30_000)
            #expect(try json("GPU-1", ledger)["unaccounted_mib"] == 30_000)
            let share = GPURequest(pool: "shared", amount: .share(request: MiB(10_240), limit: MiB(20_480)))
            let held = try await hold("ana", share, ledger)
            let device = held.placement[0].device
            tell(device, 3, 20_480)
            #expect(try json(device, ledger)["unaccounted_mib"] == 0)
            // Each process' own start, which nobody books.
            tell(device, 3, 21_504)
            #expect(try json(device, ledger)["unaccounted_mib"] == 0)
            tell(device, 3, 21_505)
            #expect(try json(device, ledger)["unaccounted_mib"] == 1025)
        }
    }

    @Test func `E26: an idle card's own few megabytes flag nothing, and a whole one is its holder's`() async throws {
        try await withLedger { ledger in
            tell("GPU-1", 0, 512)
            #expect(try json("GPU-1", ledger)["unaccounted_mib"] == 0)
            let held = try await hold("ana", GPURequest(pool: "whole", amount: .cards(1)), ledger)
            tell(held.placement[0].device, 99, 40_960)
            #expect(try json(held.placement[0].device, ledger)["unaccounted_mib"] == 0)
        }
    }

    @Test func `E33: where nobody measures, or nobody has for long, the books stand and all of it is null`()
        async throws
    {
        try await withLedger { ledger in
            let nothing: JSON = [
                "measured_percent": .null, "measured_mib": .null, "measured_at": .null, "unaccounted_mib": .null,
            ]
            #expect(try json("GPU-1", ledger) == nothing)
            tell("GPU-1", 50, 100)
            #expect(try json("GPU-1", ledger)["measured_at"] == "2025-11-28T12:00:00Z")
            #expect(try json("GPU-1", ledger, at: now + .seconds(121)) == nothing)
            _ = try await hold("ana", GPURequest(pool: "whole", amount: .cards(2)), ledger)
            #expect(ledger.devices(now: now).allSatisfy { !$0.reservationIDs.isEmpty })
        }
    }

    @Test func `a reservation is measured by devices that it has to itself, since it has them, and a share by none`()
        async throws
    {
        try await withLedger { ledger in
            let whole = try await hold("ana", GPURequest(pool: "whole", amount: .cards(1)), ledger)
            func json(_ reservation: Reservation) -> JSON {
                ReservationUse(reservation, ledger, board, now: now + .seconds(20)).json
            }
            tell(whole.placement[0].device, 80, 900, at: now + .seconds(-1))
            #expect(json(whole)["measured_by"] == .null)
            tell(whole.placement[0].device, 80, 900, at: now + .seconds(10))
            #expect(json(whole)["measured_percent"] == 80 && json(whole)["measured_by"] == "devices")
            let share = GPURequest(pool: "shared", amount: .share(request: MiB(1024), limit: MiB(1024)))
            let shared = try await hold("bo", share, ledger)
            tell(shared.placement[0].device, 80, 900, at: now + .seconds(10))
            #expect(json(shared)["measured_percent"] == .null)
        }
    }
}
