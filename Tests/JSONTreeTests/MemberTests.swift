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

    private func ask<Answer>(_ value: String, _ question: (JSONMember) -> Answer) throws -> Answer {
        var answer: Answer?
        _ = try JSON(parsing: #"{"before":1,"key":\#(value),"after":"x"}"#).allMembers { member in
            if member.isKey("key") { answer = question(member) }
            return true
        }
        return try #require(answer)
    }

    @Test func `a member's text is compared where it stands`() throws {
        #expect(try ask(#""abc""#) { $0.isValue("abc") })
        #expect(try ask(#""\u0061bc""#) { $0.isValue("abc") })
        #expect(try ask(#""""#) { $0.isValue("") && !$0.valueIsText })
        #expect(try ask(#"" ""#) { $0.valueIsText })
        for other in [#""ab""#, #""abcd""#, #""Abc""#, #"["abc"]"#, "123", "null", "true"] {
            #expect(try !ask(other) { $0.isValue("abc") }, "\(other)")
        }
        for other in ["[1]", "{}", "123", "null"] { #expect(try !ask(other) { $0.valueIsText }, "\(other)") }
    }

    @Test func `a piece of a member's text is found at its place, and nowhere beyond its end`() throws {
        #expect(
            try ask(#""onltac:5""#) { $0.valueHas("lt", at: 2) && $0.valueHas(":", at: 6) && $0.valueHas("5", at: 7) })
        #expect(
            try ask(#""onltac:5""#) {
                !$0.valueHas("lt", at: 1) && !$0.valueHas("\"", at: 8) && !$0.valueHas("5\"", at: 7)
            })
        #expect(try ask(#""on""#) { !$0.valueHas("lt", at: 2) && !$0.valueHas("x", at: 99) })
        #expect(try ask(#"["lt"]"#) { !$0.valueHas("lt", at: 0) })
    }

    @Test func `a member's plain number is read where it stands`() throws {
        #expect(try ask("0") { $0.plainNumber } == 0)
        #expect(try ask("1795600300") { $0.plainNumber } == 1_795_600_300)
        #expect(try ask("999999999999999999") { $0.plainNumber } == 999_999_999_999_999_999)
        for other in ["1000000000000000000", "-1", "1.5", "1e3", "\"12\"", "true", "null", "[1]", "{}"] {
            #expect(try ask(other) { $0.plainNumber } == nil, "\(other)")
        }
    }
}
