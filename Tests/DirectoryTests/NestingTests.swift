// SPDX-License-Identifier: Apache-2.0
import Directory
import SpawnModel
import Testing

/// Groups in groups, in a real slapd: a chain of 12, and a person in its first.
@Suite struct NestingTests {
    static let chain = Task {
        let suffix = "dc=example,dc=org"
        let groups = (0..<12).map { number in
            let member = number == 0 ? "uid=u00001,ou=People,\(suffix)" : "cn=c\(number - 1),ou=Groups,\(suffix)"
            return
                "dn: cn=c\(number),ou=Groups,\(suffix)\nobjectClass: groupOfNames\ncn: c\(number)\nmember: \(member)\n\n"
        }
        return try await RealDirectory.start(
            ["--people", "3", "--groups", "0", "--shape", "rfc2307bis"], ldif: groups.joined())
    }

    private func outcome(depth: Int) async throws -> Outcome {
        await People(
            .of(try await Self.chain.value) {
                $0.groups?.way = .members(attributes: ["member"])
                $0.groups?.filter = "(objectClass=groupOfNames)"
                $0.groups?.nestedDepth = depth
            }
        ).outcome(of: "u00001")
    }

    @Test func `a chain as long as may be followed is followed to its end, without numbers where groups have none`()
        async throws
    {
        let person = try #require(try await outcome(depth: 11).person)
        #expect(Set(person.groups ?? []) == Set((0..<12).map { "c\($0)" }))
        #expect(person.posix?.supplementalGroups == [])
    }

    @Test func `a longer one is an error: half of the groups is none`() async throws {
        #expect(try await outcome(depth: 10) == .error(.nestedTooDeep(depth: 10)))
        #expect(try await outcome(depth: 0).person?.groups == ["c0"])
    }

    /// A group of those whose primary group it is, one that lists a name, and one that holds both and is nobody's own.
    static let names = Task {
        let suffix = "dc=example,dc=org"
        let head = { (name: String) in "dn: cn=\(name),ou=Groups,\(suffix)\ncn: \(name)\nobjectClass: groupOfMembers\n"
        }
        let groups = [
            head("primary") + "objectClass: posixGroup\ngidNumber: 20000\n",
            head("named") + "objectClass: posixGroup\ngidNumber: 30001\nmemberUid: u00001\n",
            head("around") + "member: cn=primary,ou=Groups,\(suffix)\nmember: cn=named,ou=Groups,\(suffix)\n",
        ]
        return try await RealDirectory.start(
            ["--people", "3", "--groups", "0", "--shape", "rfc2307bis"], ldif: groups.joined(separator: "\n"))
    }

    @Test(arguments: [(0, ["named", "primary"]), (1, ["around", "named", "primary"])])
    func `groups may list names beside DNs, and what stands around a direct one is nested`(
        depth: Int, groups: [String]
    ) async throws {
        let people = People(
            .of(try await Self.names.value) {
                $0.groups?.way = .members(attributes: ["member"], names: "memberUid")
                $0.groups?.filter = "(objectClass=groupOfMembers)"
                $0.groups?.nestedDepth = depth
            })
        #expect(await people.outcome(of: "u00001").person?.groups == groups)
    }
}
