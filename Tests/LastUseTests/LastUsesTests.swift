// SPDX-License-Identifier: Apache-2.0
import Foundation
import GPULedger
import HTTPClient
import JSONTree
import Logging
import SpawnModel
import Synchronization
import Testing

@testable import LastUse
@testable import MeasuredUse

/// A ledger as it is, a hub and exporters that say what a test wants, and a clock that it sets.
struct LastUsesTests {
    private static let start = Instant(unixSeconds: 1_800_000_000)

    private final class Clock: Sendable {
        private let time = Mutex(LastUsesTests.start)
        func now() -> Instant { time.withLock(\.self) }
        func pass(_ seconds: Int) { time.withLock { $0 = $0 + .seconds(seconds) } }
    }

    private struct Site {
        let ledger: Ledger
        let hub = ToldHub()
        let board = UseBoard()
        let clock = Clock()
        let uses: LastUses

        init(_ ledger: Ledger) {
            self.ledger = ledger
            let clock = clock
            uses = LastUses(
                ledger, board, asking: hub,
                .init(
                    mark: "idle", limit: { $0.terms == "idle" ? IdleLimit(.seconds(600)) : nil },
                    hub: { $0 == "prod" ? ToldHub.address : nil }, now: { clock.now() }),
                Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() }))
        }

        func tellsUsed(_ used: Instant) { hub.answers(ToldHub.page([("ada", ToldHub.server(used: used))])) }

        /// Until the hub has answered.
        func look() async {
            let before = hub.paths.count
            await uses.look()
            if let question = uses.hubs.ask("prod", at: ToldHub.address, notWithin: .seconds(1)) {
                await question.value
            }
            #expect(hub.paths.count <= before + 1)
        }

        func session(_ gpu: GPURequest? = nil, terms: String = "idle") async throws -> Reservation {
            let server = ServerID(deployment: "prod", user: "ada", name: "")
            let request = ReservationRequest(
                server: server, start: try #require(StartID("1")), gpu: gpu, terms: terms, walltime: nil,
                holdFor: .seconds(330), now: clock.now())
            guard case .held(let held, _) = try await ledger.reserve(request) else { throw Unheld() }
            return try await ledger.bind(held.id, server: server, isPodless: true, now: clock.now())
        }

        func measures(_ percent: Double, of device: String) {
            var labels = Exporter.Labels()
            (labels.device, labels.pod, labels.namespace) = (["UUID"], ["pod"], ["namespace"])
            let exporter = Exporter(
                name: "x", labels: labels,
                measures: [Measure(metric: "percent", unit: .percent, targets: [.device, .pod], addsUp: false)])
            let source = UseSource(kind: .exporter, url: "http://gpu-1", origin: "http://gpu-1", token: nil)
            board.expect(
                MeasuredUseTerms(
                    sources: [source], exporters: [exporter], interval: .seconds(30), timeout: .seconds(5),
                    staleAfter: .seconds(120)))
            let told = ["UUID": device, "pod": "jupyter-ada", "namespace": "jupyter"]
            board.take(
                UseSums([Sample(metric: "percent", labels: told, value: percent, at: clock.now())], [exporter]),
                from: source)
        }
    }

    private struct Unheld: Error {}

    private func withSite(_ body: (Site) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "uses-\(UUID().uuidString).sqlite")
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file.path() + end) } }
        let card = Inventory.Card(
            uuid: "GPU-1", product: "A100", memory: MiB(40_960), pools: ["whole", "shared"], migInstances: [])
        let pools = [
            Pool(name: "whole", displayName: "", mode: .whole, resourceName: "nvidia.com/gpu"),
            Pool(
                name: "shared", displayName: "",
                mode: .shared(.init(unit: MiB(1024), overcommitPercent: 150, sharersMax: 8)), resourceName: "x/shared"),
        ]
        let ledger = try Ledger(
            path: file.path(), inventory: Inventory(nodes: [.init(name: "n1", cards: [card])], pools: pools))
        try await body(Site(ledger))
        await ledger.close()
    }

    @Test func `an unused server is over once the hub has said so and says it again`() async throws {
        try await withSite { site in
            let session = try await site.session()
            site.tellsUsed(Self.start)
            site.clock.pass(740)
            await site.look()
            #expect(await site.uses.over().isEmpty)
            #expect(site.uses.standing(of: session)?.unused(at: site.clock.now()) == .seconds(740))
            site.clock.pass(60)
            await site.look()
            #expect(await site.uses.over() == [session])
            #expect(await site.uses.isOver(session))
        }
    }

    @Test func `somebody who came back a moment ago keeps the server`() async throws {
        try await withSite { site in
            let session = try await site.session()
            site.tellsUsed(Self.start)
            site.clock.pass(800)
            await site.look()
            site.clock.pass(30)
            site.tellsUsed(site.clock.now())
            #expect(await site.uses.over().isEmpty)
            #expect(site.uses.standing(of: session)?.left(at: site.clock.now()) == .seconds(600))
        }
    }

    @Test func `a hub that is gone just before the end keeps the server, and five minutes later nothing is said of it`()
        async throws
    {
        try await withSite { site in
            let session = try await site.session()
            site.tellsUsed(Self.start)
            site.clock.pass(800)
            await site.look()
            site.hub.answers(ToldHub.Answer(status: 503, body: [:]))
            site.clock.pass(6)
            #expect(await site.uses.over().isEmpty)
            #expect(await site.uses.isOver(session) == false)
            #expect(site.uses.standing(of: session)?.endsAt != nil)
            site.clock.pass(300)
            #expect(site.uses.standing(of: session)?.endsAt == nil)
        }
    }

    @Test func `without a limit nothing is asked and nothing ends`() async throws {
        try await withSite { site in
            let session = try await site.session(terms: "other")
            site.tellsUsed(Self.start)
            site.clock.pass(100_000)
            await site.uses.look()
            #expect(site.hub.paths.isEmpty && site.uses.standing(of: session) == nil)
            #expect(await site.uses.over().isEmpty)
            #expect(await site.uses.isOver(session) == false)
        }
    }

    @Test func `one question is under way however many want to know`() async throws {
        let hub = ToldHub(pace: .milliseconds(200), ToldHub.page([]))
        let hubs = HubActivities(asking: hub, now: { Self.start }, news: { _, _ in })
        await withTaskGroup { group in
            for _ in 0..<500 {
                group.addTask { await hubs.ask("prod", at: ToldHub.address, notWithin: .seconds(5))?.value }
            }
        }
        #expect(hub.paths.count == 1)
        #expect(hubs.latest(of: "prod", notOlderThan: .zero) != nil)
    }

    @Test func `a fault of a hub is news once, and so is its end`() async {
        let hub = ToldHub(ToldHub.Answer(status: 403, body: [:]))
        let told = Mutex<[String]>([])
        let hubs = HubActivities(
            asking: hub, now: { Self.start },
            news: { deployment, fault in
                told.withLock { $0.append("\(deployment): \(fault == nil ? "well" : "ill")") }
            })
        for _ in 0..<3 { await hubs.ask("prod", at: ToldHub.address, notWithin: .zero)?.value }
        hub.answers(ToldHub.page([]))
        for _ in 0..<3 { await hubs.ask("prod", at: ToldHub.address, notWithin: .zero)?.value }
        #expect(told.withLock(\.self) == ["prod: ill", "prod: well"])
    }

    @Test(arguments: [0.0, 99.0]) func `a session whose GPU works, or of which nobody measures it, is in use`(
        _ percent: Double
    ) async throws {
        try await withSite { site in
            let session = try await site.session(GPURequest(pool: "whole", amount: .cards(1)))
            site.tellsUsed(Self.start)
            await site.look()
            #expect(site.uses.standing(of: session)?.lastUse == .unknown(.gpuUnmeasured))
            for _ in 0..<12 {
                site.clock.pass(100)
                site.measures(percent, of: session.placement[0].device)
                await site.look()
            }
            #expect(await site.uses.over() == (percent == 0 ? [session] : []))
            // The exporter falls silent: nobody knows any more.
            site.clock.pass(121)
            await site.look()
            #expect(await site.uses.over().isEmpty)
        }
    }

    @Test func `a share is measured by the pod that its sidecar has shown`() async throws {
        try await withSite { site in
            let share = GPURequest(pool: "shared", amount: .share(request: MiB(1024), limit: MiB(1024)))
            let session = try await site.session(share)
            site.tellsUsed(Self.start)
            site.clock.pass(10)
            site.measures(50, of: session.placement[0].device)
            await site.look()
            #expect(site.uses.standing(of: session)?.lastUse == .unknown(.gpuUnmeasured))
            site.uses.note(PodName(namespace: "jupyter", name: "jupyter-ada"), of: session)
            await site.look()
            #expect(site.uses.standing(of: session)?.unused(at: site.clock.now()) == .zero)
        }
    }
}
