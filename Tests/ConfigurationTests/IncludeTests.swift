// SPDX-License-Identifier: Apache-2.0
import Configuration
import SpawnPolicy
import Testing

@Suite struct IncludeTests {
    @Test func `lists are joined behind each other and mappings beside each other`() throws {
        let text = """
            include: [more/profiles.yaml, more/hubs.yaml]
            deployments: {production: {hook_token_file: production.token}}
            profiles: [{display_name: First}]
            """
        let files = [
            "more/profiles.yaml": "include: deep.yaml\nprofiles: [{display_name: Second}]\n",
            "more/deep.yaml": "profiles: [{display_name: Third}]\n",
            "more/hubs.yaml": "deployments: {next: {hook_token_file: next.token}}\n",
            "more/next.token": "the-token-of-the-next-hub",
        ]
        let outcome = try Sample(text, files: files).load()
        expect(outcome.faults + outcome.warnings, are: [])
        let site = try #require(outcome.site)
        #expect(site.policy.profiles.map(\.displayName) == ["First", "Second", "Third"])
        #expect(site.deployments.map(\.name) == ["production", "next"])
    }

    @Test func `a fault in an included file names that file and its line`() throws {
        expect(
            try faults(
                in: "include: b.yaml\nprofiles: []\n",
                files: ["b.yaml": "\nprofiles:\n  - {display_name: A, walltime: 8}\n"]
            ).filter { $0.hasPrefix("b.") },
            are: [
                "b.yaml:3:33: profiles[0].walltime: \"8\" is not a span. "
                    + "Write whole numbers with d, h, m or s, such as `90m`, `8h`, `1h30m` or `7d`. Here probably `8s` or `8h`."
            ])
    }

    @Test func `faults of several files come at once`() throws {
        let found = try faults(
            in: "include: [b.yaml, c.yaml]\nlog: {level: x}\n", files: ["b.yaml": "a: [", "c.yaml": "contatc: x\n"])
        #expect(found.map { $0.prefix { $0 != ":" } } == ["berth.yaml", "b.yaml", "c.yaml"])
    }

    @Test func `a single value may stand in one file only`() throws {
        let text = "include: b.yaml\ncontact: x\ndeployments: {a: {hook_token_file: production.token}}\n"
        expect(
            try faults(in: text, files: ["b.yaml": "contact: y\ndeployments: {a: {hook_token_file: x}}\n"]),
            are: [
                "b.yaml:1:1: contact: `contact` stands in berth.yaml:2:1 too. Keep one.",
                "b.yaml:2:15: deployments.a: `a` stands in berth.yaml:3:15 too. Keep one.",
            ])
    }

    @Test func `a circle of files is refused with its way`() throws {
        expect(
            try faults(in: "include: b.yaml\n", files: ["b.yaml": "include: [berth.yaml]\n"]),
            are: [
                "b.yaml:1:11: include[0]: includes itself: berth.yaml -> b.yaml -> berth.yaml. Remove this line."
            ])
    }

    @Test func `a file that is included twice, or is not there, is refused at the line that asks for it`() throws {
        expect(
            try faults(in: "include: [b.yaml, ./b.yaml, c.yaml, .]\n", files: ["b.yaml": "contact: x\n"]),
            are: [
                "berth.yaml:1:19: include[1]: \"b.yaml\" is included twice. Remove this line.",
                "berth.yaml:1:29: include[2]: the file \"c.yaml\" does not exist. Paths are relative to the file that names them.",
                "berth.yaml:1:37: include[3]: the file \".\" is a folder. Paths are relative to the file that names them.",
            ])
    }

    @Test func `more files than anybody keeps are refused`() throws {
        let names = (0..<80).map { "f\($0).yaml" }
        let files = Dictionary(uniqueKeysWithValues: names.map { ($0, "images: []\n") })
        let found = try faults(in: "include: [\(names.joined(separator: ", "))]\n", files: files)
        #expect(found.count == 17 && found[0].contains("more than 64 files are included"))
    }

    @Test func `a configuration that is not there says so`() {
        do throws(ConfigurationFaults) {
            _ = try Site.load(path: "/nowhere/berth.yaml", secrets: .optional)
            Issue.record("loaded")
        } catch {
            expect(
                error.faults.map(\.description),
                are: ["/nowhere/berth.yaml: does not exist. Name the configuration file."])
        }
    }
}
