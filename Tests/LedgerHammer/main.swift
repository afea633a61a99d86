// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Glibc
import SpawnModel
import Storage

// Works a ledger as hard as it can and prints each answer when it has it, one line each, until it is killed:
//   ledger-hammer STORE ROUND CARDS CARD-MIB
// STORE is a file, or a PostgreSQL connection string. Lines: `held ID`, `bound ID`, `released ID`. A test kills it and compares the lines with the journal.

let arguments = CommandLine.arguments
guard arguments.count == 5, let cards = Int(arguments[3]), let memory = Int(arguments[4]) else { exit(2) }
let (place, round) = (arguments[1], arguments[2])
let store: LedgerStore =
    place.contains("dbname=") ? .postgres(PostgresTerms(connection: place)) : .file(place)

let inventory = Inventory(
    nodes: [
        Inventory.Node(
            name: "n",
            cards: (0..<cards).map {
                Inventory.Card(
                    uuid: "card-\($0)",
                    product: "A100",
                    memory: MiB(memory),
                    pools: ["whole", "shared"],
                    migInstances: []
                )
            }
        )
    ],
    pools: [
        Pool(name: "whole", displayName: "", mode: .whole, resourceName: "nvidia.com/gpu"),
        Pool(
            name: "shared",
            displayName: "",
            mode: .shared(.init(unit: MiB(1024), overcommitPercent: 100, sharersMax: 8)),
            resourceName: "mortalgpu/a"
        ),
    ]
)

func say(_ line: String) {
    var line = line + "\n"
    line.withUTF8 { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

/// One user who starts, binds and stops without pause.
func work(_ ledger: Ledger, as user: Int) async throws {
    let server = ServerID(deployment: "production", user: "user-\(user)", name: "")
    for count in 0..<5000 {
        guard let start = StartID("\(round)-\(count)") else { exit(2) }
        let now = Instant(unixSeconds: 1_900_000_000 + Int64(count))
        let share = MiB(Int.random(in: 1...memory / 2))
        let amount: GPUAmount = Bool.random() ? .cards(1) : .share(request: share, limit: share)
        let request = ReservationRequest(
            server: server,
            start: start,
            gpu: GPURequest(pool: amount == .cards(1) ? "whole" : "shared", amount: amount),
            terms: "{}",
            walltime: .seconds(3600),
            holdFor: .seconds(330),
            now: now
        )
        guard case .held(let reservation, _) = try await ledger.reserve(request) else { continue }
        say("held \(reservation.id)")
        _ = try await ledger.bind(reservation.id, server: server, now: now)
        say("bound \(reservation.id)")
        // Some stay, and the server's next start replaces them.
        guard Bool.random() else { continue }
        _ = try await ledger.release(server, start: start, now: now)
        say("released \(reservation.id)")
    }
}

let ledger = try Ledger(store, inventory: inventory)
try await withThrowingTaskGroup(of: Void.self) { group in
    for user in 0..<12 { group.addTask { try await work(ledger, as: user) } }
    try await group.waitForAll()
}
