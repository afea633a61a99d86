// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

@testable import PodPatching

struct NamedListTests {
    static func list(_ text: String) throws -> NamedList {
        NamedList(try JSON(parsing: text), key: "name")
    }

    @Test func `an entry is found by its name only, however the name is written`() throws {
        var list = try Self.list(
            #"[7, {"value": "b"}, {"value": {"name": "b"}}, {"name": 1}, {"x": [], "name": "\u0062"}]"#
        )
        let entry = list.first("b")
        #expect(entry?["x"] == [])
        let others = ["value", ""].map { list.contains($0) }
        #expect(others == [false, false])
    }

    @Test func `a list that nothing changed is the very same bytes`() throws {
        var list = try Self.list(#"[ {"name": "a"} ]"#)
        #expect(list.keepOnly(["name": "a"], named: "a") == [])
        #expect(list.removeAll("b") == [])
        #expect(!list.isChanged)
        #expect(list.json.text == #"[ {"name": "a"} ]"#)
    }

    @Test func `only one entry of a name is kept, where the first stood`() throws {
        var list = try Self.list(#"[{"name": "a", "v": 1}, {"name": "b"}, {"name": "a", "v": 2}, {"name": "a"}]"#)
        #expect(list.keepOnly(["name": "a"], named: "a").count == 3)
        #expect(list.json.text == #"[{"name":"a"},{"name": "b"}]"#)
    }

    @Test func `what was added is found, kept once and removed like the rest`() throws {
        var list = try Self.list(#"[{"name": "a"}]"#)
        list.append(["name": "b", "v": 1], named: "b")
        let added = list.first("b")
        #expect(added?["v"] == 1)
        #expect(list.keepOnly(["name": "b", "v": 2], named: "b") == [["name": "b", "v": 1]])
        #expect(list.removeAll("a").count == 1)
        #expect(list.json.text == #"[{"name":"b","v":2}]"#)
        #expect(list.removeAll("b").count == 1)
        #expect(list.json.text == "[]")
    }

    @Test func `a placeholder is filled wherever it stands`() {
        #expect("{id}-x-{id}".filled("{id}", with: "7") == "7-x-7")
        #expect("none".filled("{id}", with: "7") == "none")
        #expect("{i{id}".filled("{id}", with: "é") == "{ié")
    }
}
