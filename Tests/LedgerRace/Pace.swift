// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Glibc
import SpawnModel
import Storage

/// Clients who start a server over and over: each start takes the place of the one before.
struct Pace {
    private let ledger: Ledger
    private let clients: Int

    init(_ store: LedgerStore, clients: Int) throws {
        let cards = (0..<clients).map {
            Inventory.Card(uuid: "card-\($0)", product: "A100", memory: MiB(1024), pools: ["whole"], migInstances: [])
        }
        ledger = try Ledger(
            store,
            inventory: Inventory(
                nodes: [Inventory.Node(name: "n", cards: cards)],
                pools: [Pool(name: "whole", displayName: "", mode: .whole, resourceName: "nvidia.com/gpu")]))
        self.clients = clients
    }

    func run(for span: Duration) async throws {
        let end = ContinuousClock.now + span
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for client in 0..<clients { group.addTask { try await work(client, until: end) } }
            return try await group.reduce(0, +)
        }
        await ledger.close()
        say("\(count)")
    }

    private static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(unixMilliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    private func work(_ client: Int, until end: ContinuousClock.Instant) async throws -> Int {
        var count = 0
        while ContinuousClock.now < end, let start = StartID("\(count)") {
            let request = ReservationRequest(
                server: ServerID(deployment: "production", user: "user-\(client)", name: ""), start: start,
                gpu: GPURequest(pool: "whole", amount: .cards(1)), terms: "{}", walltime: nil, holdFor: .seconds(330),
                now: Self.now())
            guard case .held(_, isRepeat: false) = try await ledger.reserve(request) else { continue }
            count += 1
        }
        return count
    }
}

/// What SQLite does when each row is a transaction of its own, with the same journal and the same disk.
enum Inserts {
    static func run(_ file: String, for span: Duration) throws {
        let connection = try SQLiteConnection.open(file)
        try connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT")
        let end = ContinuousClock.now + span
        var count = 0
        while ContinuousClock.now < end {
            try connection.execute("INSERT INTO t (b) VALUES ($1)", [SQLValue("a row")])
            count += 1
        }
        say("\(count)")
    }
}
