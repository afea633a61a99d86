// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Glibc
import SpawnModel

/// A site of many nodes with eight cards each, on which five reservations are live for every four cards: what one more
/// costs, and what a table of what is free costs.
struct BigSite {
    private static let samples = 200
    private let ledger: Ledger
    private let live: Int

    init(_ store: LedgerStore, nodes: Int) throws {
        let shared = Pool.Mode.shared(.init(unit: MiB(1024), overcommitPercent: 100, sharersMax: 8, headroom: 8))
        ledger = try Ledger(
            store,
            inventory: Inventory(
                nodes: (0..<nodes).map(Self.node),
                pools: [
                    Pool(name: "whole", displayName: "", mode: .whole, resourceName: "nvidia.com/gpu"),
                    Pool(name: "shared", displayName: "", mode: shared, resourceName: "mortalgpu/a"),
                ]))
        live = nodes * 10
    }

    private static func node(_ number: Int) -> Inventory.Node {
        let cards = (0..<8).map { card in
            Inventory.Card(
                uuid: "card-\(number)-\(card)", product: "A100", memory: MiB(81920), pools: ["whole", "shared"],
                migInstances: [])
        }
        return Inventory.Node(name: "node-\(number)", cards: cards)
    }

    /// Prints CPU microseconds a reservation and a table, and the process's MiB.
    func run() async throws {
        try await fill()
        let reserving = try await Self.cpuMicroseconds { try await reserve(live..<live + Self.samples) }
        let offers = (1...8).map { GPURequest(pool: "whole", amount: .cards($0)) } + (1...42).map(Self.share)
        let reading = await Self.cpuMicroseconds {
            for _ in 0..<Self.samples { _ = ledger.availability(of: offers, now: Self.now) }
        }
        await ledger.close()
        say("\(reserving / Self.samples) \(reading / Self.samples) \(Self.residentMiB)")
    }

    /// Many at a time, so that they share their commits.
    private func fill() async throws {
        let clients = 64
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<clients {
                group.addTask { try await reserve(live * client / clients..<live * (client + 1) / clients) }
            }
            try await group.waitForAll()
        }
    }

    /// Every fifth has a whole card.
    private func reserve(_ users: Range<Int>) async throws {
        for user in users {
            let gpu = user % 5 == 0 ? GPURequest(pool: "whole", amount: .cards(1)) : Self.share(user % 20 + 1)
            guard let start = StartID("1") else { return }
            let request = ReservationRequest(
                server: ServerID(deployment: "production", user: "user-\(user)", name: ""), start: start, gpu: gpu,
                terms: "{}", walltime: .seconds(3600), holdFor: .seconds(330), now: Self.now)
            guard case .held = try await ledger.reserve(request) else { exit(3) }
        }
    }

    private static let now = Instant(unixSeconds: 1_900_000_000)

    private static func share(_ gib: Int) -> GPURequest {
        GPURequest(pool: "shared", amount: .share(request: MiB(gib * 1024), limit: MiB(gib * 1024)))
    }

    private static func cpuMicroseconds(_ body: () async throws -> Void) async rethrows -> Int {
        let before = cpu()
        try await body()
        return cpu() - before
    }

    private static func cpu() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }

    /// The most that it has been.
    private static var residentMiB: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
