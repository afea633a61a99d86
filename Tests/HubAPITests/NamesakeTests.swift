// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import SpawnModel
import Testing

@testable import HubAPI

struct NamesakeTests {
    private func person(_ memberships: [Membership]) throws -> Person {
        let account = try Account(
            name: "ana", uid: 20_003, gid: 20_000, fullName: "Ana \"Å\" Öst", home: "/home/a na", shell: "/bin/zsh")
        return Person(
            name: "ana", dn: "uid=ana", posix: PosixIdentity(uid: 20_003, gid: 20_000, supplementalGroups: []),
            account: account, groups: nil, memberships: memberships, attributes: [])
    }

    @Test func `an account and its groups come back from a reservation as they went in`() throws {
        let groups = [Membership(gid: 20_000, name: "staff"), Membership(gid: 30_001, name: "a:b\n\"c\" å")]
        let namesake = try #require(Namesake(try person(groups)))
        let kept = try JSON(parsing: namesake.json.text)
        #expect(Namesake(kept) == namesake)
    }

    @Test func `terms without an account, or with one that is none, mount nothing`() throws {
        #expect(Namesake(.emptyObject) == nil)
        var spoilt = try #require(Namesake(try person([]))).json
        spoilt["home"] = "/home/a:b"
        #expect(Namesake(spoilt) == nil)
    }
}
