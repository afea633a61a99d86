// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

/// Clients of four deployments who all want the only card at once: now as a whole, now as its one share.
struct Race {
    private static let deployments = ["production", "test", "next", "open-data"]
    private let ledger: Ledger
    private let clients: Range<Int>

    init(_ store: LedgerStore, first: Int, count: Int) throws {
        let card = Inventory.Card(
            uuid: "card", product: "A100", memory: MiB(1024), pools: ["whole", "shared"], migInstances: [])
        let shared = Pool.Mode.shared(.init(unit: MiB(1024), overcommitPercent: 100, sharersMax: 8))
        ledger = try Ledger(
            store,
            inventory: Inventory(
                nodes: [Inventory.Node(name: "n", cards: [card])],
                pools: [
                    Pool(name: "whole", displayName: "", mode: .whole, resourceName: "nvidia.com/gpu"),
                    Pool(name: "shared", displayName: "", mode: shared, resourceName: "mortalgpu/a"),
                ]))
        clients = first..<first + count
    }

    func run() async {
        say("ready")
        var winners: [Int] = []
        while let line = readLine() {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let round = Int(parts[1]) else { break }
            switch parts[0] {
            case "go": winners = await race(round)
            default: await free(winners, round)
            }
        }
        await ledger.close()
    }

    private func race(_ round: Int) async -> [Int] {
        var (winners, faults) = ([Int](), 0)
        await withTaskGroup(of: (Int, Bool?).self) { group in
            for client in clients { group.addTask { (client, await hasWon(round, client)) } }
            for await (client, won) in group {
                if won == true { winners.append(client) }
                if won == nil { faults += 1 }
            }
        }
        say("\(winners.count) \(faults)")
        return winners
    }

    /// Nil where no answer came.
    private func hasWon(_ round: Int, _ client: Int) async -> Bool? {
        let one = MiB(1024)
        let gpu =
            round % 2 == 0
            ? GPURequest(pool: "whole", amount: .cards(1))
            : GPURequest(pool: "shared", amount: .share(request: one, limit: one))
        guard let start = StartID("\(round)") else { return nil }
        let request = ReservationRequest(
            server: server(client), start: start, gpu: gpu, terms: "{}", walltime: nil, holdFor: .seconds(330),
            now: Instant(unixSeconds: 1_900_000_000 + Int64(round)))
        do {
            if case .held = try await ledger.reserve(request) { return true }
            return false
        } catch { return nil }
    }

    private func free(_ winners: [Int], _ round: Int) async {
        for client in winners {
            _ = try? await ledger.release(
                server(client), start: nil, now: Instant(unixSeconds: 1_900_000_000 + Int64(round)))
        }
        say("freed")
    }

    private func server(_ client: Int) -> ServerID {
        ServerID(deployment: Self.deployments[client % 4], user: "user-\(client)", name: "")
    }
}
