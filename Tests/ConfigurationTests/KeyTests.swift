// SPDX-License-Identifier: Apache-2.0
import Configuration
import SpawnPolicy
import Testing

@Suite struct KeyTests {
    @Test func `an unknown key names the nearest known key and all that are known`() throws {
        let text = "profiles:\n  - display_name: A\n    allows: {user: a}\n"
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:3:5: profiles[0].allows: `allows` is not known here; did you mean `allow`? Known keys: allow, "
                    + "custom_image, default, description, display_name, gpu, hidden, idle, images, kubespawner_override, "
                    + "lxcfs, max_servers, priority, profile_options, security, set, slug, token, walltime."
            ])
    }

    @Test func `an unknown key that is near none lists those that are known`() throws {
        expect(
            try faults(in: "log: {colour: red}\n"),
            are: [
                "berth.yaml:1:7: log.colour: `colour` is not known here. Known keys: level."
            ])
    }

    @Test func `an unknown key of several lines is shown on one`() throws {
        expect(
            try faults(in: "log: {\"a\\nb\": 1}\n"),
            are: [#"berth.yaml:1:7: log["a b"]: `a b` is not known here. Known keys: level."#])
    }

    @Test func `a required key that is misspelled is one fault, not two`() throws {
        let found = try faults(in: "ledgr: {path: a}\nledger: {pth: b}\n")
        #expect(
            found.map { $0.prefix(40) } == [
                "berth.yaml:1:1: ledgr: `ledgr` is not kn", "berth.yaml:2:10: ledger.pth: `pth` is no",
            ])
    }

    @Test func `a required key that is missing says what it is for`() throws {
        expect(
            try faults(in: "profiles:\n  - slug: a\n"),
            are: [
                "berth.yaml:2:5: profiles[0]: `display_name` is missing. What the form shows."
            ])
    }

    @Test func `keys of other hubs are answered with our word for them`() throws {
        let text = "profileList: []\nprofiles:\n  - display_name: A\n    allowed_groups: [x]\n"
        let found = try faults(in: text)
        #expect(found.count == 2)
        #expect(found[0].contains("Berth's word for it is `profiles`"))
        #expect(found[1].contains("write `allow: [{group: a}, {group: b}]`"))
    }

    @Test func `keys that are planned are refused, not ignored`() throws {
        let text = """
            profiles:
              - {display_name: A, priority: 3, max_servers: 1}
            """
        expect(
            try faults(in: text).map { String($0.split(separator: ": ")[2]) },
            are: [
                "`priority` is not yet supported. Leave it out", "`max_servers` is not yet supported. Leave it out",
            ])
    }

    @Test func `a value of the wrong kind says what it must be and what it is`() throws {
        let text = """
            log: debug
            limits: {header_count: many, body_bytes: 12, connections_max: "5"}
            profiles:
              - {display_name: [A], default: "yes", allow: staff, images: base}
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:1:6: log: must be a mapping with keys such as `level`, not the text \"debug\"",
                "berth.yaml:2:24: limits.header_count: must be a whole number from 8 to 1024, not the text \"many\". "
                    + "Write digits without quotes and without a unit.",
                "berth.yaml:2:42: limits.body_bytes: 12 is out of range. Write a whole number from 1024 to 67108864.",
                "berth.yaml:2:63: limits.connections_max: must be a whole number from 1 to 100000, not the text \"5\". "
                    + "Write digits without quotes and without a unit.",
                "berth.yaml:4:20: profiles[0].display_name: must be text, not a list",
                "berth.yaml:4:34: profiles[0].default: must be true or false, not the text \"yes\". "
                    + "Write true or false without quotes.",
                "berth.yaml:4:48: profiles[0].allow: must be a rule such as `{role: staff}`, not the text \"staff\". "
                    + "Write `{role: …}`, `{group: …}`, `{user: …}` or another test.",
                "berth.yaml:4:63: profiles[0].images: must be a list (letters, digits, `.`, `_` and `-`, with a letter or digit "
                    + "at both ends), not the text \"base\". Write a list: `[base]`.",
            ])
    }

    @Test func `an unquoted no is a boolean, and quotes make it a word`() throws {
        expect(
            try faults(in: "profiles: [{display_name: no}]\n"),
            are: [
                "berth.yaml:1:27: profiles[0].display_name: must be text, not the boolean \"no\". "
                    + "Put quotes around it if that is the word: \"no\"."
            ])
        expect(try faults(in: "profiles: [{display_name: 'no'}]\n"), are: [])
    }

    @Test func `a key without a value is not taken for everyone or for no limit`() throws {
        let text =
            "profiles:\n  - display_name: A\n    allow:\n    walltime:\n    description:\n    kubespawner_override:\n"
        expect(
            try faults(in: text).map { String($0.prefix(58)) },
            are: [
                "berth.yaml:3:5: profiles[0].allow: has no value. Give it a",
                "berth.yaml:4:5: profiles[0].walltime: has no value. Give i",
            ])
    }

    @Test func `numbers stand for text as they are spelled`() throws {
        let site = try #require(try Sample("profiles: [{display_name: 2026.10, slug: 007}]\n").load().site)
        #expect(site.policy.profiles[0].displayName == "2026.10")
        #expect(site.policy.profiles[0].slug == "007")
    }

    @Test func `all faults of a file come at once, in the order of its lines`() throws {
        let text = """
            images: [{id: base, image: "registry.example.org/base:1"}]
            profiles:
              - display_name: A
                alow: {user: a}
                images: [bsae]
                walltime: 8 hours
                gpu: {pool: none, request: 20GB}
            """
        expect(try faults(in: text).map { String($0.split(separator: ":")[1]) }, are: ["4", "5", "6", "7", "7"])
    }

    @Test func `a fault reads file, line, column, path, what and remedy`() {
        let fault = Fault(
            at: Place(file: "config/berth.yaml", line: 41, column: 7), path: "profiles[2].gpu.pool",
            what: "\"a10\" is not a pool", remedy: "Did you mean \"a100\"?")
        #expect(
            fault.description
                == #"config/berth.yaml:41:7: profiles[2].gpu.pool: "a10" is not a pool. Did you mean "a100"?"#)
    }
}
