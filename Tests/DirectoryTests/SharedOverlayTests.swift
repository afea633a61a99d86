// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import Testing

/// Everybody's names in few objects.
@Suite struct SharedOverlayTests {
    private let terms = OverlayTerms(objects: .shared)

    private func members(_ numbers: some Sequence<Int>, in groups: Int = 3) throws -> [SharedOverlay.Member] {
        try numbers.map { number in
            SharedOverlay.Member(
                account: try Account(
                    name: "u\(number)", uid: 20_000 + number, gid: 20_000, fullName: "User \(number)",
                    home: "/home/u\(number)", shell: "/bin/bash"),
                memberships: (0..<groups).map {
                    Membership(gid: 30_000 + (number + $0) % 50, name: "g\((number + $0) % 50)")
                })
        }
    }

    private func shared(_ members: [SharedOverlay.Member], bytesMost: Int = SharedOverlay.bytesMost) -> SharedOverlay {
        SharedOverlay(members, terms, namespace: "jupyter", bytesMost: bytesMost)
    }

    private func text(_ shard: SharedOverlay.Shard, _ file: String) -> String {
        shard.manifest["data"]?[file]?.string ?? ""
    }

    private func lines(_ shard: SharedOverlay.Shard, _ file: String) -> [String] {
        text(shard, file).split(separator: "\n").map(String.init)
    }

    @Test func `while all fits there is one object, which may change`() throws {
        let shared = shared(try members(0..<100))
        let only = try #require(shared.shards.first)
        #expect(shared.shards.count == 1 && only.bits.isEmpty && only.name == "berth-overlay-shared")
        #expect(only.manifest["immutable"] == nil)
        #expect(lines(only, "passwd").count == 100 + BaseAccounts.usual.users.count)
        #expect(lines(only, "group").contains("g0:x:30000:u0,u48,u49,u50,u98,u99"))
        #expect(self.shared([]).shards.count == 1)
    }

    @Test func `no shard is larger than may be, and each person is in the one that a pod would look for`() throws {
        let shared = shared(try members(0..<2000), bytesMost: 20_000)
        #expect(shared.shards.count > 8)
        for shard in shared.shards {
            #expect(text(shard, "passwd").utf8.count + text(shard, "group").utf8.count <= 20_000)
        }
        for number in 0..<2000 {
            let bits = try #require(SharedOverlay.bits(of: "u\(number)", among: shared.shards.map(\.bits)))
            let shard = try #require(shared.shards.first { $0.bits == bits })
            #expect(text(shard, "passwd").contains("\nu\(number):") || text(shard, "passwd").hasPrefix("u\(number):"))
            // The person's groups are in the same file, the person in them.
            #expect(lines(shard, "group").contains { $0.hasPrefix("g\(number % 50):") && $0.contains("u\(number)") })
        }
    }

    @Test func `one person more or less, or one that changes, rewrites one shard`() throws {
        let before = shared(try members(0..<2000), bytesMost: 20_000).shards
        func rewritten(_ after: [SharedOverlay.Shard]) -> Int { Set(after).subtracting(before).count }
        #expect(rewritten(shared(try members(0..<1999), bytesMost: 20_000).shards) == 1)
        #expect(rewritten(shared(try members(0..<2001), bytesMost: 20_000).shards) == 1)
        #expect(rewritten(shared(try members((0..<2000).reversed()), bytesMost: 20_000).shards) == 0)
        let changed = try members(0..<1999) + members(1999..<2000, in: 4)
        #expect(rewritten(shared(changed, bytesMost: 20_000).shards) == 1)
    }

    @Test func `while a shard is split, the new one counts`() {
        let all = ["", "0", "1", "00", "01", "10", "11"]
        #expect(SharedOverlay.bits(of: "alice", among: all)?.count == 2)
        #expect(SharedOverlay.bits(of: "alice", among: [""]) == "")
        #expect(SharedOverlay.bits(of: "alice", among: []) == nil)
    }

    @Test func `who has a base account's name is left out alone`() throws {
        let daemon = SharedOverlay.Member(
            account: try Account(name: "daemon", uid: 20_001, gid: 20_000, home: "/x", shell: "/bin/sh"),
            memberships: [])
        let shared = shared([daemon] + (try members(0..<3)))
        #expect(shared.refused == [.nameTaken(name: "daemon", uid: 1)])
        #expect(lines(shared.shards[0], "passwd").prefix(3).allSatisfy { $0.hasPrefix("u") })
    }
}
