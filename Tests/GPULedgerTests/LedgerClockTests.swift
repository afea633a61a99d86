// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// Hosts whose wall clocks are set, on one ledger without a cluster. Each has its turn a second, as `serve` has.
@Suite(.onEachStore) struct LedgerClockTests {
    private let scratch = Scratch()
    private let clock = SteadyClock()

    /// One Berth; the steady clocks of all go on together.
    private final class Host: Sendable {
        let ledger: Ledger

        init(_ store: LedgerStore, _ clock: SteadyClock) throws {
            let cards = (0..<8).map { card("a\($0)", ["whole"]) }
            ledger = try Ledger(store, inventory: Inventory(nodes: [node("a", cards)], pools: [wholePool()]))
            ledger.keepTime(by: { clock.read() })
        }
    }

    private func host() throws -> Host { try Host(scratch.store, clock) }

    private func wall(_ ahead: Int) -> Instant { noon + clock.read() + .seconds(ahead) }

    /// - Parameter hosts: those that run, with how far their wall clocks are ahead.
    private func pass(_ seconds: Int, _ hosts: [(Host, ahead: Int)]) async throws -> [String] {
        var expired: [String] = []
        for _ in 0..<seconds {
            clock.advance(1)
            for (host, ahead) in hosts { expired += try await host.ledger.expire(now: wall(ahead)).map(\.id) }
        }
        return expired
    }

    /// A hold of 330 seconds.
    private func hold(_ user: String, _ host: Host, ahead: Int) async throws -> String {
        try #require(try await host.ledger.hold(request(cards(1), for: user, at: wall(ahead)))).id
    }

    @Test(arguments: [-7200, 7200])
    func `a hold that is granted between the clock's being set and the next turn lasts as long as any`(jump: Int)
        async throws
    {
        let host = try host()
        #expect(try await pass(3, [(host, 0)]) == [])
        let held = try await hold("ana", host, ahead: jump)
        #expect(try await pass(328, [(host, jump)]) == [])
        #expect(try await pass(4, [(host, jump)]) == [held])
    }

    @Test(arguments: [-7200, 7200])
    func `the clock of a host that does not keep the ledger's ends nothing early and keeps nothing longer`(jump: Int)
        async throws
    {
        let (keeper, other) = (try host(), try host())
        #expect(try await pass(12, [(keeper, 0), (other, 0)]) == [])
        let before = [try await hold("ana", keeper, ahead: 0), try await hold("bo", other, ahead: 0)]
        #expect(try await pass(1, [(keeper, 0), (other, jump)]) == [])
        let after = [try await hold("cy", keeper, ahead: 0), try await hold("di", other, ahead: jump)]
        #expect(try await pass(327, [(keeper, 0), (other, jump)]) == [])
        #expect(Set(try await pass(5, [(keeper, 0), (other, jump)])) == Set(before + after))
    }

    @Test(arguments: [-7200, 7200])
    func `where the clock of the host that keeps the ledger's is set, the others go by it`(jump: Int) async throws {
        let (keeper, other) = (try host(), try host())
        #expect(try await pass(12, [(keeper, 0), (other, 0)]) == [])
        let before = [try await hold("ana", keeper, ahead: 0), try await hold("bo", other, ahead: 0)]
        #expect(try await pass(1, [(keeper, jump), (other, 0)]) == [])
        let after = [try await hold("cy", keeper, ahead: jump), try await hold("di", other, ahead: 0)]
        #expect(try await pass(327, [(keeper, jump), (other, 0)]) == [])
        #expect(Set(try await pass(5, [(keeper, jump), (other, 0)])) == Set(before + after))
    }

    @Test(arguments: [-7200, 7200])
    func `when the host that keeps the clock has ended, another keeps it, whose own may be wrong`(jump: Int)
        async throws
    {
        let (keeper, other) = (try host(), try host())
        #expect(try await pass(12, [(keeper, 0), (other, jump)]) == [])
        let held = try await hold("ana", keeper, ahead: 0)
        await keeper.ledger.close()
        #expect(try await pass(328, [(other, jump)]) == [])
        #expect(try await pass(4, [(other, jump)]) == [held])
    }

    @Test(arguments: [-7200, 7200])
    func `a clock that is set just after a restart ends nothing early and keeps nothing longer`(jump: Int) async throws
    {
        let former = try host()
        #expect(try await pass(12, [(former, 0)]) == [])
        await former.ledger.close()
        let host = try host()
        #expect(try await pass(3, [(host, 0)]) == [])
        let before = try await hold("ana", host, ahead: 0)
        #expect(try await pass(1, [(host, jump)]) == [])
        let after = try await hold("bo", host, ahead: jump)
        #expect(try await pass(327, [(host, jump)]) == [])
        #expect(Set(try await pass(5, [(host, jump)])) == [before, after])
    }

    @Test func `clocks that are a few seconds apart wear nothing away`() async throws {
        let (keeper, other) = (try host(), try host())
        #expect(try await pass(12, [(keeper, 0), (other, -3)]) == [])
        let held = try await hold("ana", keeper, ahead: 0)
        #expect(try await pass(326, [(keeper, 0), (other, -3)]) == [])
        #expect(try await pass(8, [(keeper, 0), (other, -3)]) == [held])
    }

    @Test func `a process that starts ends nothing before it knows that nobody keeps the clock`() async throws {
        let keeper = try host()
        _ = try await pass(1, [(keeper, 0)])
        let held = try await hold("ana", keeper, ahead: 0)
        let new = try host()
        #expect(try await pass(60, [(keeper, 0), (new, 7200)]) == [])
        await keeper.ledger.close()
        // Held by nobody's turn for a while, and ended once the new one is sure.
        #expect(try await pass(400, [(new, 0)]) == [held])
    }
}
