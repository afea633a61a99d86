// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

/// What stays of a GPU session when the same user starts a CPU one.
struct LeftoverTests {
    let policy = Policy.of(
        .of(
            "gpu",
            set: [
                "node_selector": ["pool": "gpu", "card": "a100"],
                "tolerations": [["key": "gpu", "operator": "Exists"]],
                "environment": ["CUDA_CACHE": "/scratch/cuda"], "mem_limit": nil,
                "image": "registry.example.org/cuda:3",
            ]),
        .of("cpu", isDefault: true, set: ["mem_limit": "4G", "image": "registry.example.org/base:3"]),
        base: ["node_selector": ["pool": "user"], "tolerations": []])
    let user = Subject.of()

    @Test func `every trait that any profile sets is named, with its base value where this one does not set it`() throws
    {
        let grant = try #require(policy.decide(["profile": "cpu"], for: user).grant)
        #expect(grant.overrides["node_selector"] == ["pool": "user"])
        #expect(grant.overrides["tolerations"] == [])
        #expect(grant.overrides["mem_limit"] == "4G")
        #expect(grant.overrides["image"] == "registry.example.org/base:3")
        #expect(grant.image == "registry.example.org/base:3")
        #expect(grant.reset == ["environment"])
        #expect(Set(grant.overrides.keys + grant.reset) == Set(policy.traits))
        #expect(grant.gpu == nil)
    }

    @Test func `a hub that takes its own values back and merges is clean of the earlier start`() throws {
        let gpu = try #require(policy.decide(["profile": "gpu"], for: user).grant)
        let cpu = try #require(policy.decide(["profile": "cpu"], for: user).grant)
        var spawner: JSONObject = [:]
        kubeSpawnerApplies(gpu.overrides, to: &spawner)
        #expect(spawner["node_selector"] == ["pool": "gpu", "card": "a100"])
        for trait in cpu.overrides.keys + cpu.reset { spawner.remove(trait) }
        kubeSpawnerApplies(cpu.overrides, to: &spawner)
        #expect(spawner["node_selector"] == ["pool": "user"])
        #expect(spawner["tolerations"] == [])
        #expect(spawner["environment"] == nil)
    }

    @Test func `null at a profile clears the hub's own value`() throws {
        let grant = try #require(policy.decide(["profile": "gpu"], for: user).grant)
        #expect(grant.overrides["mem_limit"] == .some(.null))
        #expect(grant.reset == [])
    }

    @Test func `one user's choice does not change what the next one gets`() {
        let before = policy.decide(["profile": "cpu"], for: user).grant
        _ = policy.decide(["profile": "gpu"], for: user)
        #expect(policy.decide(["profile": "cpu"], for: .of("user-g2")).grant == before)
    }

    /// KubeSpawner's `_apply_overrides` and `recursive_update`, as they are documented, on a spawner's attributes.
    private func kubeSpawnerApplies(_ overrides: JSONObject, to spawner: inout JSONObject) {
        for (trait, value) in overrides {
            if var old = spawner[trait]?.object, let new = value.object {
                update(&old, with: new)
                spawner[trait] = JSON(old)
            } else {
                spawner[trait] = value
            }
        }
    }

    private func update(_ target: inout JSONObject, with new: JSONObject) {
        for (key, value) in new {
            if let inner = value.object {
                var old = target[key]?.object ?? JSONObject()
                update(&old, with: inner)
                target[key] = JSON(old)
            } else {
                target[key] = value.isNull ? JSON?.none : value
            }
        }
    }
}

struct MergeTests {
    private func overrides(
        _ profile: JSONObject, _ choice: JSONObject, base: JSONObject = [:]
    ) -> JSONObject? {
        let policy = Policy.of(.of("p", set: profile, .of("o", .of("c", set: choice))), base: base)
        return policy.decide(nil, for: .of()).grant?.overrides
    }

    @Test func `maps merge all the way down, and lists and plain values replace`() {
        let merged = overrides(
            ["extra_pod_config": ["a": ["x": 1, "y": 2]], "tolerations": [1], "cpu_limit": 1],
            ["extra_pod_config": ["a": ["y": 3], "b": 4], "tolerations": [2], "cpu_limit": 2])
        #expect(
            merged == [
                "extra_pod_config": ["a": ["x": 1, "y": 3], "b": 4], "tolerations": [2], "cpu_limit": 2,
            ])
    }

    @Test func `null in a map deletes the key, here and at the hub`() {
        #expect(
            overrides(["environment": ["A": "1", "B": "2"]], ["environment": ["A": nil]])
                == ["environment": ["A": nil, "B": "2"]])
        #expect(overrides(["environment": ["A": nil]], ["environment": ["A": "3"]]) == ["environment": ["A": "3"]])
    }

    @Test func `null for an entry that only the hub may know stays for the hub to delete by`() {
        let merged = overrides(["volumes": ["a": ["name": "a"]]], ["volumes": ["b": nil]])
        #expect(merged == ["volumes": ["a": ["name": "a"], "b": nil]])
    }

    @Test func `null takes an entry out of volumes given by name`() {
        let base: JSONObject = ["volumes": ["a": ["name": "a"], "b": ["name": "b"]]]
        #expect(overrides(["volumes": ["a": nil]], [:], base: base) == ["volumes": ["b": ["name": "b"]]])
    }

    @Test func `a choice's image is the trait image, in declared order with the rest`() throws {
        let policy = Policy.of(
            .of(
                "p", set: ["image": "a:1"], .of("image", .of("x", set: ["image": "b:1"], image: "c:1")),
                .of("late", .of("l", set: ["cpu_limit": 2]))))
        let grant = try #require(policy.decide(nil, for: .of()).grant)
        #expect(grant.overrides == ["image": "c:1", "cpu_limit": 2])
        #expect(grant.image == "c:1")
    }

    @Test func `a typed text fills the placeholder as data, once`() throws {
        let policy = Policy.of(
            .of(
                "p",
                .of(
                    "ref", .of("none", set: ["cmd": ["x"]]),
                    unlisted: .of(set: ["cmd": ["run", "--ref={value}", "{value}/{username}"], "mem_limit": "{other}"]))
            ))
        let grant = try #require(policy.decide(["ref--unlisted-choice": "{value}{x}$1\\1"], for: .of()).grant)
        #expect(
            grant.overrides == [
                "cmd": ["run", "--ref={value}{x}$1\\1", "{value}{x}$1\\1/{username}"], "mem_limit": "{other}",
            ])
        #expect(grant.choices == [ChosenOption(key: "ref", value: "{value}{x}$1\\1", isUnlisted: true)])
    }

    @Test func `braces that a user types are doubled where KubeSpawner formats the trait again`() throws {
        let policy = Policy.of(
            .of("p", .of("ref", .of("none"), unlisted: .of(set: ["environment": ["REF": "{value} {username}"]]))))
        let grant = try #require(policy.decide(["ref--unlisted-choice": "{userid"], for: .of()).grant)
        #expect(grant.overrides == ["environment": ["REF": "{{userid {username}"]])
    }

    @Test func `a typed key does not overwrite one that the operator wrote`() throws {
        let policy = Policy.of(
            .of("p", .of("k", .of("none"), unlisted: .of(set: ["node_selector": ["pool": "user", "{value}": "yes"]]))))
        func selector(_ text: String) -> JSON? {
            policy.decide(["k--unlisted-choice": JSON(text)], for: .of()).grant?.overrides["node_selector"]
        }
        #expect(selector("fast") == ["pool": "user", "fast": "yes"])
        #expect(selector("pool") == ["pool": "user"])
    }
}
