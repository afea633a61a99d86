// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

struct JSONPatchDifferenceTests {
    private static func patch(_ from: String, _ to: String) throws -> String {
        try JSONPatch(from: JSON(parsing: from), to: JSON(parsing: to)).json.text
    }

    @Test(arguments: [
        ("1", "1", "[]"), (#"{ "a" : "\u0041" }"#, #"{"a":"A"}"#, "[]"),
        ("1", "2", #"[{"op":"replace","path":"","value":2}]"#),
        ("1", "1.0", #"[{"op":"replace","path":"","value":1.0}]"#),
        ("[]", "{}", #"[{"op":"replace","path":"","value":{}}]"#),
        (#"{"a":1}"#, #"{"a":1,"b/c":2}"#, #"[{"op":"add","path":"/b~1c","value":2}]"#),
        (#"{"a":1,"b":2}"#, #"{"b":2}"#, #"[{"op":"remove","path":"/a"}]"#),
        (
            #"{"a":{"b":{"c":1,"d":2}}}"#, #"{"a":{"b":{"c":1,"d":3}}}"#,
            #"[{"op":"replace","path":"/a/b/d","value":3}]"#
        ),
    ])
    func `a difference says only what changes`(_ from: String, _ to: String, patch: String) throws {
        #expect(try Self.patch(from, to) == patch)
    }

    @Test func `in arrays only what lies between the common ends is touched`() throws {
        let list = (0..<50).map { #"{"name":"container \#($0)","image":"registry.example.org/image:\#($0)"}"# }
        func document(_ list: [String]) -> String { #"{"list":["# + list.joined(separator: ",") + "]}" }
        var changed = list
        changed.insert(#""new""#, at: 20)
        #expect(try Self.patch(document(list), document(changed)) == #"[{"op":"add","path":"/list/20","value":"new"}]"#)
        #expect(try Self.patch(document(changed), document(list)) == #"[{"op":"remove","path":"/list/20"}]"#)
        changed = list
        changed[7] = #"{"name":"container 7","image":"other"}"#
        #expect(
            try Self.patch(document(list), document(changed))
                == #"[{"op":"replace","path":"/list/7/image","value":"other"}]"#
        )
        #expect(
            try Self.patch(document(list), document(Array(list[..<48])))
                == #"[{"op":"remove","path":"/list/49"},{"op":"remove","path":"/list/48"}]"#
        )
    }

    @Test func `where hardly anything stays, the whole is replaced`() throws {
        let from = "{" + (0..<20).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        #expect(try Self.patch(#"{"a":\#(from)}"#, #"{"a":{}}"#) == #"[{"op":"replace","path":"/a","value":{}}]"#)
    }

    @Test func `member order is part of the result`() throws {
        for (from, to) in [
            (#"{"a":1,"b":2,"c":3}"#, #"{"a":1,"c":3,"b":2}"#), (#"{"a":1,"b":2}"#, #"{"x":0,"a":1,"b":2}"#),
        ] {
            let (from, to) = (try JSON(parsing: from), try JSON(parsing: to))
            #expect(try JSONPatch(from: from, to: to).applied(to: from).text == to.text)
        }
    }

    @Test(arguments: SeededRandom.seeds)
    func `for any two documents, the difference applied to one gives the other`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<400 {
            let plain = PlainJSON.random(size: round / 10 + 1, using: &random)
            let other =
                random.chance(0.3) ? PlainJSON.random(size: 20, using: &random) : plain.altered(using: &random)
            let from = try JSON(parsing: plain.text(using: &random))
            let to = random.chance(0.5) ? other.built : try JSON(parsing: other.text(using: &random))

            let patch = JSONPatch(from: from, to: to)
            #expect(try patch.applied(to: from) == to, "seed \(seed)")
            #expect(try PlainJSON(patch.applied(to: plain.built)) == other, "seed \(seed)")
            #expect(try JSONPatch(JSON(parsing: patch.json.bytes)).applied(to: from) == to, "seed \(seed)")
            #expect(patch.operations.isEmpty == (plain == other), "seed \(seed)")
            #expect(patch.json.bytes.count <= to.bytes.count + 120, "longer than replacing all; seed \(seed)")
        }
    }

    @Test(arguments: Pods.names)
    func `a pod's change comes back as a patch that is smaller than the pod`(_ name: String) throws {
        let pod = try JSON(parsing: Pods.bytes(name))
        var changed = pod
        changed["spec"]?["containers"]?[0]?["image"] = "other"
        changed["spec"]?["containers"]?.append(["name": "walltime"])
        changed["metadata"]?["labels", default: .null]["berth/x"] = "y"
        let patch = JSONPatch(from: pod, to: changed)
        #expect(patch.operations.count == 3)
        #expect(try patch.applied(to: pod) == changed)
    }
}

extension PlainJSON {
    /// Nearly the same: here and there a part replaced, removed, added or moved.
    fileprivate func altered(using random: inout SeededRandom) -> PlainJSON {
        if random.chance(0.05) { return .random(size: 4, using: &random) }
        switch self {
        case .array(var elements):
            for index in elements.indices { elements[index] = elements[index].altered(using: &random) }
            if random.chance(0.1) { elements.shuffle(using: &random) }
            if random.chance(0.1) { elements = Array(elements.dropFirst()) }
            if random.chance(0.1) {
                elements.insert(
                    .random(size: 2, using: &random),
                    at: Int.random(in: 0...elements.count, using: &random)
                )
            }
            return .array(elements)
        case .object(var members):
            for index in members.indices { members[index].value = members[index].value.altered(using: &random) }
            if random.chance(0.1) { members.shuffle(using: &random) }
            if random.chance(0.1) { members = Array(members.dropFirst()) }
            if random.chance(0.1), !members.contains(where: { $0.key == [0x2F, 0x7E] }) {
                let member = Member(key: [0x2F, 0x7E], value: .random(size: 2, using: &random))
                members.insert(member, at: Int.random(in: 0...members.count, using: &random))
            }
            return .object(members)
        default:
            return self
        }
    }
}
