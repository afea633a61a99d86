// SPDX-License-Identifier: Apache-2.0
import Logging
import SpawnModel
import Synchronization
import Testing

@testable import Directory
@testable import Upkeep

/// The part of `serve`, turn by turn, against a real API server.
@Suite struct KeeperTests {
    /// What a keeper is told, to be changed between its turns.
    final class World: Sendable {
        struct State {
            var people: Result<[Person], UpkeepError> = .success([])
            var isLeading = true
            var isKept = true
            var reads = 0
            var sync = SyncTerms(every: .zero)
            var look: Result<Bool, UpkeepError> = .success(false)
            var looks = 0
        }

        let state = Mutex(State())
        let site: SyncSite

        init() async throws { site = try await SyncSite() }

        var keeper: SyncKeeper {
            let now = site.now
            var silent = Logger(label: "test")
            silent.logLevel = .critical
            return SyncKeeper(
                site.cluster, silent,
                SyncKeeper.Parts(
                    setting: { self.setting },
                    read: { _ throws(UpkeepError) in
                        let people = self.state.withLock { state in
                            state.reads += 1
                            return state.people
                        }
                        return PeopleRead(at: now, try people.get())
                    },
                    changes: { _, _ throws(UpkeepError) in
                        let look = self.state.withLock { state in
                            state.looks += 1
                            return state.look
                        }
                        return (ChangeMark(place: .none), try look.get())
                    }, now: { now }))
        }

        private var setting: SyncSetting? {
            state.withLock { state in
                guard state.isKept else { return nil }
                return SyncSetting(
                    directory: DirectoryTerms(servers: ["ldap://127.0.0.1:1"], people: .init(base: "")),
                    overlay: site.terms, sync: state.sync, namespaces: [site.namespace])
            }
        }
    }

    @Test func `the first run is at once, the next when it is due`() async throws {
        let world = try await World()
        let people = try Person.many(3)
        world.state.withLock { ($0.people, $0.sync.every) = (.success(people), .seconds(3600)) }
        let keeper = world.keeper
        #expect(keeper.standing == .follows)
        await keeper.turn { true }
        await keeper.turn { true }
        #expect(world.state.withLock { $0.reads } == 1)
        #expect("\(keeper.standing)".hasPrefix("ok, 3 people"))
        #expect(try await world.site.holdsExactly(people))
    }

    @Test func `a change that is heard of brings the next run forward, and a look that fails does not`() async throws {
        let world = try await World()
        let (before, after) = (try Person.many(3), try Person.many(4))
        world.state.withLock { state in
            state.people = .success(before)
            state.sync = SyncTerms(every: .seconds(3600), changes: .syncrepl, changesEvery: .zero)
        }
        let keeper = world.keeper
        await keeper.turn { true }
        world.state.withLock { $0.people = .success(after) }
        await keeper.turn { true }
        world.state.withLock { $0.look = .failure(.directory(.timedOut(server: "ldap://x"))) }
        await keeper.turn { true }
        #expect(world.state.withLock { $0.reads } == 1)
        world.state.withLock { $0.look = .success(true) }
        await keeper.turn { true }
        #expect(world.state.withLock { $0.reads } == 2)
        #expect(try await world.site.holdsExactly(after))
    }

    @Test func `changes are not asked about more often than written, nor at all where they are not wanted`()
        async throws
    {
        let world = try await World()
        world.state.withLock { state in
            state.sync = SyncTerms(every: .seconds(3600), changes: .syncrepl, changesEvery: .seconds(3600))
        }
        let keeper = world.keeper
        for _ in 0..<3 { await keeper.turn { true } }
        #expect(world.state.withLock { $0.looks } == 1)
        world.state.withLock { $0.sync.changes = .none }
        await keeper.turn { true }
        #expect(world.state.withLock { $0.looks } == 1)
    }

    @Test func `a directory that fails changes nothing, and is said until it answers again`() async throws {
        let world = try await World()
        let people = try Person.many(3)
        world.state.withLock { $0.people = .success(people) }
        let keeper = world.keeper
        await keeper.turn { true }
        world.state.withLock { $0.people = .failure(.directory(.incomplete(server: "ldap://x", .size))) }
        await keeper.turn { true }
        guard case .fails(let reason, .some) = keeper.standing else {
            Issue.record("\(keeper.standing)")
            return
        }
        #expect(reason.contains("size limit"))
        #expect(try await world.site.holdsExactly(people))
        world.state.withLock { $0.people = .success(people) }
        await keeper.turn { true }
        #expect("\(keeper.standing)".hasPrefix("ok"))
    }

    @Test func `too great a loss is said until it is over`() async throws {
        let world = try await World()
        let people = try Person.many(5)
        world.state.withLock { $0.people = .success(people) }
        let keeper = world.keeper
        await keeper.turn { true }
        world.state.withLock { $0.people = .success(Array(people.prefix(2))) }
        await keeper.turn { true }
        #expect("\(keeper.standing)".contains("3 of 5 people") && "\(keeper.standing)".contains("--accept-shrink"))
        #expect(try await world.site.holdsExactly(people))
        world.state.withLock { $0.sync.shrinkPercent = 60 }
        await keeper.turn { true }
        #expect("\(keeper.standing)".hasPrefix("ok, 2 people"))
        #expect(try await world.site.holdsExactly(Array(people.prefix(2))))
    }

    @Test func `a replica that loses its lead in the middle of a run follows`() async throws {
        let world = try await World()
        world.state.withLock { $0.people = .success((try? Person.many(200)) ?? []) }
        let keeper = world.keeper
        let leading = Task { await keeper.lead { world.state.withLock(\.isLeading) } }
        while try await world.site.names().isEmpty { await Task.yield() }
        world.state.withLock { $0.isLeading = false }
        await leading.value
        #expect(keeper.standing == .follows)
        #expect(try await world.site.names().count < 200)
    }

    @Test func `without a sync in the configuration nothing is read`() async throws {
        let world = try await World()
        world.state.withLock { $0.isKept = false }
        await world.keeper.turn { true }
        #expect(world.state.withLock { $0.reads } == 0)
    }
}
