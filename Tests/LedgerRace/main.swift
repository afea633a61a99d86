// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Glibc
import SpawnModel
import Storage

// Works a ledger for scripts/show race and scripts/bench ledger:
//   ledger-race race STORE FIRST COUNT     clients FIRST ..< FIRST + COUNT race at each `go N` that is read, print
//                                          `WINS FAULTS`, and give back at `free N`, which is answered `freed`
//   ledger-race pace STORE CLIENTS SECONDS prints how many reservations were answered as durable
//   ledger-race big STORE NODES            prints the CPU microseconds of a reservation and of a table of 50 offers on a
//                                          site with ten live reservations a node, and the MiB of memory it took
//   ledger-race inserts FILE SECONDS       prints how many rows SQLite has made durable, one after the other
// STORE is a file, or a PostgreSQL connection string.

let words = CommandLine.arguments

func store(_ text: String) -> LedgerStore {
    text.contains("dbname=") ? .postgres(PostgresTerms(connection: text)) : .file(text)
}

func number(_ place: Int) -> Int {
    guard words.indices.contains(place), let number = Int(words[place]) else { exit(2) }
    return number
}

func say(_ line: String) {
    var line = line + "\n"
    line.withUTF8 { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

switch words.dropFirst().first {
case "race": try await Race(store(words[2]), first: number(3), count: number(4)).run()
case "pace": try await Pace(store(words[2]), clients: number(3)).run(for: .seconds(number(4)))
case "big": try await BigSite(store(words[2]), nodes: number(3)).run()
case "inserts": try Inserts.run(words[2], for: .seconds(number(3)))
default: exit(2)
}
