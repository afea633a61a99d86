// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

/// Kubernetes' merge keys: `x-kubernetes-patch-merge-key` and `x-kubernetes-list-map-keys` of its OpenAPI, 1.37.
@Suite struct MergeKeyTests {
    private func merged(_ change: JSON, into old: JSON, under key: String) throws -> JSON? {
        let once = try FieldMerge(.kubernetes).merge(change, into: old, under: key, at: "")
        #expect(try FieldMerge(.kubernetes).merge(change, into: once, under: key, at: "") == once)
        return once
    }

    /// The list, an entry, what changes in it, and what becomes of the entry.
    static let lists: [(key: String, entry: JSON, change: JSON, result: JSON)] = [
        (
            "containers", ["name": "a", "image": "x"], ["name": "a", "tty": true],
            ["name": "a", "image": "x", "tty": true]
        ),
        (
            "initContainers", ["name": "a", "image": "x"], ["name": "a", "tty": true],
            ["name": "a", "image": "x", "tty": true]
        ),
        (
            "ephemeralContainers", ["name": "a", "image": "x"], ["name": "a", "tty": true],
            ["name": "a", "image": "x", "tty": true]
        ),
        (
            "volumeMounts", ["mountPath": "/a", "name": "v"], ["mountPath": "/a", "readOnly": true],
            ["mountPath": "/a", "name": "v", "readOnly": true]
        ),
        (
            "volumeDevices", ["devicePath": "/dev/a", "name": "v"], ["devicePath": "/dev/a", "name": "w"],
            ["devicePath": "/dev/a", "name": "w"]
        ),
        (
            "volumes", ["name": "v", "emptyDir": [:]], ["name": "v", "secret": ["secretName": "s"]],
            ["name": "v", "secret": ["secretName": "s"]]
        ),
        (
            "env", ["name": "A", "value": "1"], ["name": "A", "valueFrom": ["x": "y"]],
            ["name": "A", "valueFrom": ["x": "y"]]
        ),
        ("imagePullSecrets", ["name": "s"], ["name": "s"], ["name": "s"]),
        (
            "hostAliases", ["ip": "10.0.0.1", "hostnames": ["a"]], ["ip": "10.0.0.1", "hostnames": ["b"]],
            ["ip": "10.0.0.1", "hostnames": ["a", "b"]]
        ),
        (
            "ports", ["containerPort": 8888, "name": "n"], ["containerPort": 8888, "protocol": "TCP", "name": "web"],
            ["containerPort": 8888, "name": "web", "protocol": "TCP"]
        ),
        (
            "topologySpreadConstraints", ["topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 1],
            ["topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 2],
            ["topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 2]
        ),
        (
            "resourceClaims", ["name": "c", "resourceClaimName": "x"], ["name": "c", "resourceClaimTemplateName": "y"],
            ["name": "c", "resourceClaimTemplateName": "y"]
        ),
        ("schedulingGates", ["name": "g"], ["name": "g"], ["name": "g"]),
        ("sysctls", ["name": "s", "value": "1"], ["name": "s", "value": "2"], ["name": "s", "value": "2"]),
        (
            "tolerations", ["key": "k", "operator": "Equal", "effect": "NoExecute", "tolerationSeconds": 5],
            ["key": "k", "effect": "NoExecute", "tolerationSeconds": 9],
            ["key": "k", "effect": "NoExecute", "tolerationSeconds": 9]
        ),
    ]

    @Test(arguments: lists.indices)
    func `an entry of a known key meets the one that is there, in its place`(_ index: Int) throws {
        let list = Self.lists[index]
        let other: JSON = [
            "name": "other", "mountPath": "/o", "devicePath": "/o", "ip": "o", "containerPort": 1, "topologyKey": "o",
            "whenUnsatisfiable": "o", "key": "o",
        ]
        let merged = try #require(try merged([list.change], into: [other, list.entry, other], under: list.key))
        #expect(
            merged.array?.count == 3 && merged[1]?.isEquivalent(to: list.result) == true, "\(list.key): \(merged.text)")
    }

    @Test func `what differs in one member of a key is another entry`() throws {
        let pairs: [(String, JSON, JSON)] = [
            ("ports", ["containerPort": 53], ["containerPort": 53, "protocol": "UDP"]),
            (
                "tolerations", ["key": "k", "operator": "Exists"],
                ["key": "k", "operator": "Exists", "effect": "NoSchedule"]
            ),
            ("tolerations", ["key": "k", "value": "a"], ["key": "k", "value": "b"]),
            (
                "topologySpreadConstraints", ["topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"],
                ["topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"]
            ),
        ]
        for (key, entry, change) in pairs {
            #expect(try merged([change], into: [entry], under: key) == [entry, change])
        }
    }

    @Test func `ports of a Service have no such key and are added once`() throws {
        let ports: JSON = [["port": 80], ["port": 443]]
        #expect(
            try merged([["port": 443], ["port": 8080]], into: ports, under: "ports") == [
                ["port": 80], ["port": 443], ["port": 8080],
            ])
    }

    @Test func `a word before such a list finds its entries by key too`() throws {
        let old: JSON = [["key": "a"], ["key": "b", "operator": "Exists", "tolerationSeconds": 3]]
        #expect(
            try merged(["$remove": [["key": "b", "operator": "Exists"]]], into: old, under: "tolerations") == [
                ["key": "a"]
            ])
        let prepended = try merged(
            ["$prepend": [["key": "c"], ["key": "a", "effect": ""]]], into: old, under: "tolerations")
        #expect(prepended?.array?.compactMap { $0["key"]?.string } == ["c", "a", "b"])
        #expect(try merged(["$replace": [["key": "c"]]], into: old, under: "tolerations") == [["key": "c"]])
    }
}
