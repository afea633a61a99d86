// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@Suite struct FieldMergeTests {
    private func merged(
        _ change: JSON, into old: JSON?, under key: String = "", _ dialect: FieldMerge.Dialect = .kubernetes
    )
        throws -> JSON?
    {
        let merge = FieldMerge(dialect)
        let once = try merge.merge(change, into: old, under: key, at: "")
        let twice = try merge.merge(change, into: once, under: key, at: "")
        #expect(once == twice, "merging again changes nothing")
        return once
    }

    @Test func `mappings merge key by key and null takes away`() throws {
        let old: JSON = ["a": ["b": 1, "c": 2], "d": 3]
        #expect(try merged(["a": ["c": nil, "e": "x"], "d": nil], into: old) == ["a": ["b": 1, "e": "x"]])
    }

    @Test func `a plain list is added behind, and nothing twice`() throws {
        let old: JSON = [["key": "a", "operator": "Exists"]]
        let change: JSON = [["operator": "Exists", "key": "a"], ["key": "b"]]
        #expect(
            try merged(change, into: old, under: "tolerations") == [["key": "a", "operator": "Exists"], ["key": "b"]])
    }

    @Test func `a variable takes the place of the one of its name and becomes text`() throws {
        let old: JSON = [
            ["name": "A", "value": "1"], ["name": "B", "valueFrom": ["x": 1]], ["name": "C", "value": ""],
        ]
        let change: JSON = [
            "B": 4, "A": nil, "D": true, "E": ["valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]],
        ]
        #expect(
            try merged(change, into: old, under: "env") == [
                ["name": "B", "value": "4"], ["name": "C", "value": ""], ["name": "D", "value": "true"],
                ["name": "E", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]],
            ])
    }

    @Test func `a word before one entry is about that entry`() throws {
        let env: JSON = [["name": "A", "value": "1"]]
        let change: JSON = ["A": ["$default": "2"], "B": ["$default": 3], "C": ["$default": nil]]
        #expect(
            try merged(change, into: env, under: "env") == [
                ["name": "A", "value": "1"], ["name": "B", "value": "3"],
            ])
        let mounts: JSON = [["mountPath": "/a", "name": "x", "readOnly": true]]
        #expect(
            try merged(["/a": ["$default": ["name": "y"]]], into: mounts, under: "volumeMounts") == mounts)
        #expect(
            try merged(["/a": ["$replace": ["name": "y"]]], into: mounts, under: "volumeMounts") == [
                ["mountPath": "/a", "name": "y"]
            ])
        #expect(throws: FieldMergeError.wordBeforeEntry("/A", "$max")) {
            try merged(["A": ["$max": 3]], into: env, under: "env")
        }
    }

    @Test func `containers merge by name and new ones are complete`() throws {
        let old: JSON = [["name": "notebook", "image": "a", "env": [["name": "A", "value": "1"]]]]
        let change: JSON = [
            "notebook": ["env": ["B": "2"]], "side": ["image": "s", "env": ["X": 1], "resources": ["limits": nil]],
        ]
        #expect(
            try merged(change, into: old, under: "containers") == [
                [
                    "name": "notebook", "image": "a",
                    "env": [["name": "A", "value": "1"], ["name": "B", "value": "2"]],
                ],
                ["name": "side", "image": "s", "env": [["name": "X", "value": "1"]], "resources": .emptyObject],
            ])
    }

    @Test func `a mount is merged by its path`() throws {
        let old: JSON = [["name": "home", "mountPath": "/home", "readOnly": true]]
        #expect(
            try merged(["/home": ["readOnly": false]], into: old, under: "volumeMounts") == [
                ["name": "home", "mountPath": "/home", "readOnly": false]
            ])
    }

    @Test func `a command line and the alternatives of an affinity are one value`() throws {
        #expect(try merged(["b"], into: ["a"], under: "args") == ["b"])
        #expect(try merged([["x": 1]], into: [["y": 1]], under: "nodeSelectorTerms") == [["x": 1]])
    }

    @Test func `words say where something else is meant`() throws {
        #expect(try merged(["$prepend": [1, 2]], into: [2, 3]) == [1, 2, 3])
        #expect(try merged(["$append": [4]], into: [3]) == [3, 4])
        #expect(try merged(["$replace": [9]], into: [3]) == [9])
        #expect(try merged(["$replace": ["a": 1]], into: ["b": 1]) == ["a": 1])
        #expect(
            try merged(["$remove": ["home", 3]], into: [["name": "home"], ["name": "x"]], under: "volumes") == [
                ["name": "x"]
            ])
        #expect(try merged(["$remove": ["ALL"]], into: ["ALL", "NET"]) == ["NET"])
        #expect(try merged(["$default": 5], into: nil) == 5)
        #expect(try merged(["$default": 5], into: 4) == 4)
        #expect(
            try merged(["$prepend": ["i": ["image": "x"]]], into: [["name": "j"]], under: "initContainers")
                == [["name": "i", "image": "x"], ["name": "j"]])
    }

    @Test func `max only raises and min only lowers, whatever the units`() throws {
        #expect(try merged(["$max": "1Gi"], into: "512Mi") == "1Gi")
        #expect(try merged(["$max": "1Gi"], into: "2000Mi") == "2000Mi")
        #expect(try merged(["$min": "500m"], into: 2) == "500m")
        #expect(try merged(["$max": 4], into: nil) == 4)
        #expect(try merged(["$max": "8G"], into: "8000M", under: "mem_limit") == "8G")
        #expect(throws: FieldMergeError.notComparable("", "many")) { try merged(["$max": 3], into: "many") }
    }

    @Test func `a key that begins with a dollar sign is data when it has two`() throws {
        #expect(try merged(["$$max": 3], into: .emptyObject) == ["$max": 3])
    }

    @Test func `null stays in a trait for the hub to delete by`() throws {
        #expect(try merged(["A": nil], into: ["B": 1], under: "environment", .kubeSpawner) == ["B": 1, "A": nil])
        #expect(try merged([["name": "a", "x": nil]], into: nil, under: "volumes", .kubeSpawner) == [["name": "a"]])
    }

    @Test func `an entry without its name is an error with its place`() {
        #expect(throws: FieldMergeError.noName("", "name")) {
            try merged([["image": "x"]], into: nil, under: "containers")
        }
        #expect(throws: FieldMergeError.notAnEntry("/a")) { try merged(["a": 1], into: nil, under: "volumes") }
    }

    @Test(arguments: [
        ("0.5", "8G", "4294967296"), ("0.5", "3", "1.5"), ("1.5", "2G", "3221225472"), ("0.333", "1", "0.333"),
    ]) func `a part of a size is exact`(factor: String, size: String, expected: String) throws {
        let product = try #require(Quantity(kubeSpawner: size)).multiplied(by: try #require(Quantity(factor)))
        #expect(product?.decimalText == expected)
    }
}
