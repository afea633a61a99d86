// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Testing

@testable import GPULedger

/// What was written and then undone must not stay in the picture.
@Suite struct FallenPictureTests {
    let scratch = Scratch()

    @Test func `a transaction that is rolled back leaves no hold in the picture, though its numbers are given again`()
        throws
    {
        let connection = try SQLiteConnection.open(scratch.ledger)
        try Schema.ledger.migrate(connection)
        let rows = LedgerRows(connection)
        let catalogue = try DeviceCatalogue(
            Inventory(nodes: [node("a", [card("a0", ["whole"]), card("a1", ["whole"])])], pools: [wholePool()]))
        let shared = SharedPicture(try Picture.reading(rows, catalogue), OutsideUse())

        try connection.begin()
        shared.begin()
        #expect(try rows.reserve(request(cards(2), for: "ana"), in: shared).reservation != nil)
        // Seen by the next decision of the same transaction.
        #expect(try rows.reserve(request(cards(1), for: "bo"), in: shared).shortage?.reason == .full)
        connection.rollback()

        try connection.begin()
        shared.begin()
        #expect(try rows.reserve(request(cards(1), for: "cy"), in: shared).reservation?.placement.first?.device == "a0")
        // As many entries as before, of which the picture must not think that it knows them.
        #expect(try rows.reserve(request(cards(1), for: "di"), in: shared).reservation?.placement.first?.device == "a1")
        try connection.commit()
        shared.renew(from: connection)
        #expect(shared.current(noon).holds.count == 2)
        connection.close()
    }

    @Test func `a clock that was set moves the times in the picture, though the journal says nothing of it`() throws {
        let connection = try SQLiteConnection.open(scratch.ledger)
        try Schema.ledger.migrate(connection)
        let rows = LedgerRows(connection)
        let catalogue = try DeviceCatalogue(
            Inventory(nodes: [node("a", [card("a0", ["whole"])])], pools: [wholePool()]))
        let shared = SharedPicture(try Picture.reading(rows, catalogue), OutsideUse())
        let id = try #require(try rows.reserve(request(cards(1)), in: shared).reservation?.id)
        let before = try #require(try shared.working(rows).holds(of: id).first?.lasts.latestEnd(now: noon))

        let first = ClockReading(process: "p", steady: .seconds(10), wall: noon)
        #expect(try rows.settle(first, nil).jump == .zero)
        let set = ClockReading(process: "p", steady: .seconds(20), wall: noon + .seconds(7210))
        #expect(try rows.settle(set, nil).jump == .seconds(7200))
        let after = try shared.working(rows).holds(of: id).first?.lasts.latestEnd(now: noon)
        #expect(after == before + .seconds(7200))
        connection.close()
    }
}
