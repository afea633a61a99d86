// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import JSONTree
import SpawnPolicy
import Testing

@Suite struct SyntaxTests {
    @Test func `a mapping that YAML cannot read is one fault with its line and column`() throws {
        expect(
            try faults(in: "log:\n  level: a: b\n"),
            are: [
                "berth.yaml:2:11: not YAML: mapping values are not allowed in this context. "
                    + "Put quotes around a value that holds `: `, and check the indentation."
            ])
    }

    @Test func `a tab that indents is named as such`() throws {
        let found = try faults(in: "log:\n\tlevel: info\n")
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("berth.yaml:2:1: ") && found[0].hasSuffix("YAML allows no tabs there."))
    }

    @Test func `an empty file, and one of comments only, are said to be empty`() {
        for text in ["", "\n\n", "# nothing\n", "---\n"] {
            let found = load(Data(text.utf8)).faults
            #expect(
                found.count == 1 && (found[0].contains("is empty") || found[0].contains("not empty")),
                "\(text): \(found)")
        }
    }

    @Test func `a file that is no mapping says what it must be`() {
        #expect(
            load(Data("- a\n".utf8)).faults == [
                "berth.yaml:1:1: must be a mapping, not a list. "
                    + "The top level is a mapping with keys such as `deployments` and `profiles`."
            ])
    }

    @Test func `bytes that are not UTF-8 are named with line and column`() {
        var bytes = Data("log: {level: info}\n# \u{e9}".utf8)
        bytes.append(0xE9)
        #expect(load(bytes).faults == ["berth.yaml:2:4: is not UTF-8 from here on. Save the file as UTF-8."])
    }

    @Test func `UTF-16 is named as such`() {
        #expect(load(Data([0xFF, 0xFE, 0x61, 0])).faults == ["berth.yaml: is UTF-16. Save it as UTF-8."])
    }

    @Test func `a byte order mark before UTF-8 is no fault`() throws {
        var bytes = Data([0xEF, 0xBB, 0xBF])
        bytes.append(contentsOf: "ledger: {path: l}\ndeployments: {a: {hook_token_file: production.token}}\n".utf8)
        bytes.append(contentsOf: "profiles: [{display_name: A}]\n".utf8)
        #expect(load(bytes).faults == [])
    }

    @Test func `a control character is named with its code and place`() {
        #expect(
            load(Data("log: {}\n# a\u{1B}b".utf8)).faults == [
                "berth.yaml:2:4: holds the control character U+001B. Remove it, or write it as an escape in double quotes."
            ])
    }

    @Test func `a file beyond 8 MiB is refused unread`() {
        let found = load(Data(repeating: UInt8(ascii: "#"), count: (8 << 20) + 1)).faults
        #expect(found.count == 1 && found[0].contains("is larger than"))
    }

    @Test func `a file of more values than a tree may have is refused before it is parsed`() {
        let text = "base: {a: [" + String(repeating: "x,", count: 1 << 21) + "]}"
        expect(
            load(Data(text.utf8)).faults,
            are: ["berth.yaml: has more than 100000 values. Check that this is the right file."])
    }

    @Test func `nesting without end is a fault, never a crash`() {
        for text in ["[", "{a: ", "- ", "? "] {
            let found = load(Data(String(repeating: text, count: 20_000).utf8)).faults
            #expect(found.count == 1, "\(text): \(found)")
        }
        let closed = "base: {a: " + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}\n"
        #expect(load(Data(closed.utf8)).faults.contains { $0.contains("is nested deeper than 64 levels") })
    }

    @Test func `a second document is refused`() throws {
        let found = try faults(in: "log: {level: info}\n---\nlog: {}\n")
        #expect(found.first?.hasPrefix("berth.yaml:2:1: a second document begins") == true)
    }

    @Test func `a tag is refused with its place`() throws {
        expect(
            try faults(in: "contact: !vault abc\n"),
            are: [
                "berth.yaml:1:10: contact: the tag \"!vault\" is not known. "
                    + "Leave the tag out: values here are text, numbers, true, false, lists and mappings."
            ])
    }

    private func load(_ bytes: Data) -> Sample.Outcome {
        do { return try Sample(bytes: bytes).load() } catch {
            return Sample.Outcome(site: nil, faults: ["\(error)"], warnings: [])
        }
    }
}

@Suite struct RepeatedKeyTests {
    @Test func `each repeated key is a fault, and what stands around it is checked all the same`() throws {
        let text = """
            log: {level: info}
            profiles:
              - display_name: A
                allow: {role: a}
                allow: {role: b}
              - display_name: B
                description: b
                walltime: 8 hours
                "description": c
            log: {level: loud}
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:1:1: `log` stands here more than once (again in line 10). Keep one; the other would be lost.",
                "berth.yaml:4:5: profiles[0]: `allow` stands here more than once (again in line 5). Keep one; the other would be lost.",
                "berth.yaml:5:12: profiles[0].allow: asks for a role, and `identity` names no claim to take roles from. "
                    + "Add `roles: […]` to an issuer under `identity.issuers`.",
                "berth.yaml:7:5: profiles[1]: `description` stands here more than once (again in line 9). Keep one; the other would be lost.",
                "berth.yaml:8:15: profiles[1].walltime: \"8 hours\" is not a span. "
                    + "Write whole numbers with d, h, m or s, such as `90m`, `8h`, `1h30m` or `7d`. Here probably `8h`.",
                "berth.yaml:10:14: log.level: \"loud\" is not possible here. "
                    + "Possible: `trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical`.",
            ])
    }

    @Test func `a key that stands three times is told at each but the last`() throws {
        let found = try faults(in: "log: {}\nlog: {}\nlog: {}\n")
        #expect(found.map { $0.prefix(16) } == ["berth.yaml:1:1: ", "berth.yaml:2:1: "])
    }

    @Test func `more repeats than anybody reads end in a fault`() throws {
        let text = "base:\n" + String(repeating: "  a: 1\n", count: 500)
        let found = try faults(in: text)
        #expect(!found.isEmpty && found.allSatisfy { $0.contains("more than once") })
    }
}

@Suite struct AliasTests {
    @Test func `anchors, aliases and merge keys mean what they mean in a values file`() throws {
        let text = """
            base: &base {mem_limit: 4G, cpu_limit: 1}
            profiles:
              - &cpu
                display_name: CPU
                kubespawner_override: &small {mem_limit: 2G, environment: {A: "1"}}
              - <<: *cpu
                display_name: Large
                kubespawner_override:
                  <<: [*small, *base]
                  cpu_limit: 8
            """
        let site = try #require(try Sample(text).load().site)
        #expect(site.policy.profiles[1].displayName == "Large")
        #expect("\(site.policy.profiles[1].overrides)".isEmpty == false)
        let overrides = site.policy.profiles[1].overrides
        #expect(overrides["mem_limit"]?.string == "2G")
        #expect(overrides["cpu_limit"]?.int == 8)
        #expect(overrides["environment"]?["A"]?.string == "1")
        #expect(overrides.keys == ["mem_limit", "environment", "cpu_limit"])
    }

    @Test func `a merge of something that is no mapping is refused`() throws {
        expect(
            try faults(in: "log:\n  <<: [a]\n  level: info\n"),
            are: [
                "berth.yaml:2:8: log[\"<<\"]: `<<` takes a mapping or a list of mappings. Write `<<: *name`."
            ])
    }

    @Test func `an alias that is not defined is named with its place`() throws {
        expect(
            try faults(in: "contact: *nobody\n"),
            are: [
                "berth.yaml:1:10: not YAML: found undefined alias. "
                    + "Define it with `&name` before its first use; an alias does not reach into another file."
            ])
    }

    @Test func `an alias bomb ends at a bound`() throws {
        #expect(
            try faults(in: bomb + "base: {x: *i}\n").contains {
                $0.contains("has more than 100000 values, counting each use of an alias")
            })
    }

    @Test func `an alias bomb that is a key ends at once`() throws {
        for key in ["? *i\n: 1\n", "*i : 1\n", "log: {? *i : 1}\n", "log: {*i : 1}\n", "[*i]: 1\n", "log: {[*i]: 1}\n"]
        {
            #expect(
                try faults(in: bomb + key).contains { $0.contains("uses aliases as keys") || $0.contains("not YAML") },
                "\(key)")
        }
    }

    /// Nine levels of nine aliases each: 387 million values.
    private var bomb: String {
        var text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
        for (below, name) in zip("abcdefgh", "bcdefghi") {
            text += "\(name): &\(name) [\(Array(repeating: "*\(below)", count: 9).joined(separator: ", "))]\n"
        }
        return text
    }
}
