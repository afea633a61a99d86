// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

struct EditingTests {
    @Test func `a new member goes to the end, a known one keeps its place, nil removes`() throws {
        for start in [try JSON(parsing: #"{"a":1,"b":2}"#), ["a": 1, "b": 2]] {
            var json = start
            json["c"] = 3
            json["a"] = "one"
            json["b"] = nil
            json["absent"] = nil
            #expect(json.text == #"{"a":"one","c":3}"#)
        }
    }

    @Test func `null set as a member is a member`() {
        var json: JSON = ["a": 1]
        json["a"] = .null
        json["b"] = JSON.null
        #expect(json.text == #"{"a":null,"b":null}"#)
    }

    @Test func `setting on null makes an object, removing from it does not`() throws {
        for start in [JSON.null, try JSON(parsing: "null")] {
            var json = start
            json["a"] = nil
            #expect(json.isNull)
            json["a", default: .null]["b", default: .null]["c"] = 1
            #expect(json.text == #"{"a":{"b":{"c":1}}}"#)
        }
    }

    @Test func `a default is kept only where there was nothing`() throws {
        var json = try JSON(parsing: #"{"env":[1]}"#)
        json["env", default: .emptyArray].append(2)
        json["args", default: .emptyArray].append(3)
        #expect(json.text == #"{"env":[1,2],"args":[3]}"#)
        #expect(json["absent", default: 7] == 7)
    }

    @Test func `removing from what has no members changes nothing`() throws {
        for text in ["true", "1", #""s""#, "[1]"] {
            var json = try JSON(parsing: text)
            json["a"] = nil
            json["a"]?["b"] = 1
            json[5] = nil
            json[5]?["b"] = 1
            #expect(json.text == text)
        }
    }

    @Test func `an element beyond the end is absent, not null`() throws {
        for start in [try JSON(parsing: "[1]"), [1]] {
            var json = start
            json[1]?["a"] = 1
            #expect(json[1]?.kind == .none)
            #expect(json.text == "[1]")
        }
    }

    @Test func `elements are set, removed, appended`() throws {
        for start in [try JSON(parsing: "[1, 2, 3]"), [1, 2, 3]] {
            var json = start
            json[1] = "two"
            json.append(4)
            json[0] = nil
            json[2]?["x"] = nil
            #expect(json.text == #"["two",3,4]"#)
        }
    }

    @Test func `a chain of edits reaches deep, and copies made before stay what they were`() throws {
        let before = try JSON(parsing: #"{"spec":{"containers":[{"name":"a","env":[]}]}}"#)
        var json = before
        json["spec"]?["containers"]?[0]?["env"]?.append(["name": "X", "value": "1"])
        let middle = json
        json["spec"]?["containers"]?[0]?["env"]?[0]?["value"] = "2"
        json["spec"]?["containers"]?[0]?["name"] = nil
        #expect(before.text == #"{"spec":{"containers":[{"name":"a","env":[]}]}}"#)
        #expect(middle.text == #"{"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1"}]}]}}"#)
        #expect(json.text == #"{"spec":{"containers":[{"env":[{"name":"X","value":"2"}]}]}}"#)
    }

    @Test func `objects merge in order and give up members`() {
        var object: JSONObject = ["a": 1, "b": 2]
        object.merge(["c": 3, "a": 4])
        #expect(JSON(object).text == #"{"a":4,"b":2,"c":3}"#)
        #expect(object.remove("b") == 2)
        #expect(object.remove("b") == nil)
        object["a"]?["x"] = nil
        object["c"] = ["x": 1]
        object["c"]?["x"] = 2
        #expect(object.keys == ["a", "c"])
        #expect(object["c"] == ["x": 2])
    }

    @Test func `a tree as deep as any parsed one is built, written, compared and dropped`() throws {
        var json: JSON = 1
        for level in 0..<128 { json = level.isMultiple(of: 2) ? [json] : ["k": json] }
        let copy = try JSON(parsing: json.bytes)
        #expect(copy == json)
        #expect(copy.hashValue == json.hashValue)
    }

    @Test(arguments: SeededRandom.seeds)
    func `any walk of edits gives what the plain model gives`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<150 {
            var plain = PlainJSON.random(size: 30, using: &random)
            var json = try JSON(parsing: plain.text(using: &random))
            for _ in 0..<10 {
                let value = PlainJSON.random(size: 3, using: &random)
                let made = random.chance(0.5) ? value.built : try JSON(parsing: value.text(using: &random))
                edit(&plain, &json, value, made, using: &random)
                #expect(PlainJSON(json) == plain, "seed \(seed)")
            }
            #expect(PlainParser.parse(json.bytes) == plain, "seed \(seed)")
        }
    }

    /// Goes down by chance, then makes the same change on both.
    private func edit(
        _ plain: inout PlainJSON,
        _ json: inout JSON,
        _ value: PlainJSON,
        _ made: JSON,
        using random: inout SeededRandom
    ) {
        switch plain {
        case .array(var elements):
            defer { plain = .array(elements) }
            if elements.isEmpty || random.chance(0.2) {
                elements.append(value)
                return json.append(made)
            }
            let index = Int.random(in: 0..<elements.count, using: &random)
            if random.chance(0.6) {
                edit(&elements[index], &json[index]!, value, made, using: &random)
            } else if random.chance(0.5) {
                elements[index] = value
                json[index] = made
            } else {
                elements.remove(at: index)
                json[index] = nil
            }
        case .object(var members):
            defer { plain = .object(members) }
            if members.isEmpty || random.chance(0.2) {
                let key: [UInt32] = [UInt32(members.count), 0x2B, 0x2B]
                json[String(key)] = made
                if let index = members.firstIndex(where: { $0.key == key }) {
                    members[index].value = value
                } else {
                    members.append(PlainJSON.Member(key: key, value: value))
                }
                return
            }
            let index = Int.random(in: 0..<members.count, using: &random)
            let key = String(members[index].key)
            if random.chance(0.6) {
                edit(&members[index].value, &json[key]!, value, made, using: &random)
            } else if random.chance(0.5) {
                members[index].value = value
                json[key] = made
            } else {
                members.remove(at: index)
                json[key] = nil
            }
        default:
            plain = value
            json = made
        }
    }
}
