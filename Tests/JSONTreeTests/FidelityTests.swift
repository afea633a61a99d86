// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

/// What other readers lose or change.
struct FidelityTests {
    @Test(arguments: [
        "18446744073709551615", "123456789012345678901234567890", "-123456789012345678901234567890", "1.10", "1E5",
        "1e5", "-0", "-0.0", "1e400", "0.1000000000000000055511151231257827", "1.0", "100e-2",
    ])
    func `a number keeps its spelling`(_ spelling: String) throws {
        #expect(try JSON(parsing: spelling).text == spelling)
        #expect(try JSON(parsing: spelling).numberSpelling == spelling)
        #expect(JSON(numberSpelling: spelling)?.text == spelling)

        var around = try JSON(parsing: "[\(spelling),\(spelling)]")
        around[0] = around[1]
        around.append("x")
        #expect(around.text == "[\(spelling),\(spelling),\"x\"]")
    }

    @Test(arguments: ["", "-", "01", "1.", ".1", "1e", "+1", "NaN", "0x1", "1 ", " 1", "1,2", "１"])
    func `what is not a number cannot be made one`(_ spelling: String) {
        #expect(JSON(numberSpelling: spelling) == nil)
    }

    @Test func `members keep their order, whatever is done to one of them`() throws {
        var json = try JSON(parsing: #"{"z":1,"a":2,"m":{"y":1,"b":2},"k":4}"#)
        json["a"] = "new"
        json["m"]?["b"] = nil
        json["m"]?["a"] = 1
        json["last"] = true
        #expect(json.text == #"{"z":1,"a":"new","m":{"y":1,"a":1},"k":4,"last":true}"#)
        #expect(json.object?.keys == ["z", "a", "m", "k", "last"])
    }

    @Test func `what was not touched is written back byte for byte, space and escapes included`() throws {
        var json = try JSON(parsing: #" {"a": [1.10, 1E5],"b":{"c":null}, "s" : "\u0041\/" } "#)
        #expect(json.text == #"{"a": [1.10, 1E5],"b":{"c":null}, "s" : "\u0041\/" }"#)
        json["b"]?["d"] = 5
        #expect(json.text == #"{"a":[1.10, 1E5],"b":{"c":null,"d":5},"s":"\u0041\/"}"#)
    }

    @Test func `looking does not expand`() throws {
        let text = #"{ "a" : [ 1 , { "b" : "\u0062" } ] }"#
        var json = try JSON(parsing: text)
        #expect(json["a"]?[1]?["b"]?.string == "b")
        #expect(json["a"]?.array?.count == 2)
        #expect(json["a"]?[1]?.object?.keys == ["b"])
        json["a"]?[1]?["absent"] = nil
        json["a"]?[7]?["b"] = 1
        json["a"]?["b"]?["c"] = 1
        json["absent"]?["b"] = 1
        #expect(json.text == text)
    }

    @Test func `a zero character survives`() throws {
        let json = try JSON(parsing: #"["\u0000"]"#)
        #expect(json.text == #"["\u0000"]"#)
        #expect(json[0]?.string == "\0")
        #expect(JSON("a\0b").text == #""a\u0000b""#)
    }

    @Test(arguments: Pods.names)
    func `a real pod is written back as it came, and a change leaves the rest alone`(_ name: String) throws {
        let bytes = try Pods.bytes(name)
        let pod = try JSON(parsing: bytes)
        #expect(pod.bytes == bytes.trimmed)

        var changed = pod
        changed["spec"]?["containers"]?.append(["name": "walltime", "image": "berth"])
        let reread = try JSON(parsing: changed.bytes)
        #expect(reread["spec"]?["containers"]?.array?.last == ["name": "walltime", "image": "berth"])
        #expect(reread["spec"]?["containers"]?.array?.dropLast() == pod["spec"]?["containers"]?.array?[...])
        changed["spec"]?["containers"] = pod["spec"]?["containers"]
        #expect(changed == pod)
        #expect(reread["metadata"]?.bytes == pod["metadata"]?.bytes)
    }
}

extension [UInt8] {
    fileprivate var trimmed: [UInt8] {
        Array(prefix((lastIndex { $0 > 0x20 } ?? -1) + 1).drop { $0 <= 0x20 })
    }
}
