// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

struct MemberTests {
    @Test func `a key is known however it is written`() throws {
        let json = try JSON(parsing: #"{"\u0065nv": 1, "name": 2, "volumeMounts": 3}"#)
        var found: [JSON] = []
        let isObject = json.allMembers { member in
            if member.keyLength == 3, member.isKey("env"), member.isKey(named: "env") { found.append(member.value) }
            if member.keyBegins(with: "na"), !member.keyBegins(with: "names") { found.append(member.value) }
            return true
        }
        #expect(isObject)
        #expect(found == [1, 2])
        #expect(json.hasKey(beginningWith: "env") && json.hasKey(beginningWith: "volume"))
        #expect(!json.hasKey(beginningWith: "environment"))
    }

    @Test func `what is no object has no members to satisfy anything`() {
        for json: JSON in [nil, [], "a", 1] {
            #expect(!json.allMembers { _ in true })
            #expect(!json.hasKey(beginningWith: ""))
        }
    }

    @Test func `a member that was set is seen too`() {
        var json: JSON = ["a": 1]
        json["b"] = 2
        #expect(!json.allMembers { !$0.isKey("b") })
    }
}
