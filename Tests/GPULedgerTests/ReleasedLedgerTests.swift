// SPDX-License-Identifier: Apache-2.0
import Foundation
import SpawnModel
import Storage
import Testing

@testable import GPULedger

/// Ledgers of every released version are opened with all that is in them.
@Suite struct ReleasedLedgerTests {
    let scratch = Scratch()
    let inventory = Inventory(
        nodes: [node("a", [card("a0", ["whole"]), card("a1", ["shared"])])], pools: [wholePool(), sharedPool()])

    @Test(arguments: [1])
    func `a ledger of a released version is brought to the newest, and goes on`(version: Int) async throws {
        let script = try #require(
            Bundle.module.url(forResource: "version\(version).sqlite", withExtension: "sql", subdirectory: "Released"))
        let old = try SQLiteConnection.open(scratch.ledger)
        try old.run(script: try String(contentsOf: script, encoding: .utf8))
        old.close()

        let ledger = try Ledger(path: scratch.ledger, inventory: inventory)
        #expect(try await ledger.entries(after: 0).map(\.sequence) == Array(1...7))
        let all = try await ledger.reservations(includingEnded: true)
        #expect(all.map(\.id) == ["r-expired", "r-released", "r-bound", "r-held"])
        #expect(all.map(\.revision) == [2, 2, 2, 1])
        #expect(try await ledger.reservation("r-bound")?.gpu == share(1024, limit: 2048))
        #expect(ledger.availability(of: cards(1)).freeNow == 0)
        _ = try await ledger.release(server("ana"), start: nil, now: noon)
        #expect(try await ledger.hold(request(cards(1), for: "eve"))?.placement.map(\.device) == ["a0"])
        await ledger.close()
    }
}
