// SPDX-License-Identifier: Apache-2.0
import Configuration
import SpawnPolicy
import Testing

@Suite struct QuantityTests {
    @Test(arguments: [("90m", 5400), ("8h", 28_800), ("1h30m", 5400), ("7d", 604_800), ("1d12h", 129_600), ("45s", 45)])
    func `a span is whole numbers with their units`(spelling: String, seconds: Int) throws {
        let site = try #require(try Sample("profiles: [{display_name: A, walltime: \(spelling)}]\n").load().site)
        #expect(site.policy.profiles[0].walltime == WalltimeTerms(standard: .seconds(seconds), max: .seconds(seconds)))
    }

    @Test(arguments: [
        ("8 hours", "`8h`"), ("1.5h", "`1h30m`"), ("8", "`8s` or `8h`"), ("08:30:00", "`8h30m`"), ("30min", "`30m`"),
        ("8H", "`8h`"), ("2 days", "`2d`"),
    ])
    func `a span in other words names the spelling that was meant`(spelling: String, meant: String) throws {
        expect(
            try faults(in: "profiles: [{display_name: A, walltime: \"\(spelling)\"}]\n"),
            are: [
                "berth.yaml:1:40: profiles[0].walltime: \"\(spelling)\" is not a span. "
                    + "Write whole numbers with d, h, m or s, such as `90m`, `8h`, `1h30m` or `7d`. Here probably \(meant)."
            ])
    }

    @Test(arguments: ["0h", "30m1h", "h", "1h30", "-1h", "1w", "99999999999999999999h", "1h1h", "٣h", "40000d"])
    func `what is no span is refused without a guess at a wrong one`(spelling: String) throws {
        let found = try faults(in: "profiles: [{display_name: A, walltime: \"\(spelling)\"}]\n")
        #expect(found.count == 1 && found[0].contains("is not a span"), "\(found)")
    }

    @Test func `a default walltime above the most is refused`() throws {
        expect(
            try faults(in: "profiles: [{display_name: A, walltime: {default: 48h, max: 1d}}]\n"),
            are: [
                "berth.yaml:1:50: profiles[0].walltime.default: the default (48h) is longer than `max` (1d). "
                    + "Raise `max`, or shorten the default."
            ])
    }

    @Test(arguments: [
        ("20GB", "`20Gi`"), ("20G", "`20Gi`"), ("20 GiB", "`20Gi`"), ("1.5Gi", "`1536Mi`"), ("512MB", "`512Mi`"),
        ("20", "`20Gi` or `20Mi`"),
    ])
    func `a memory size in other units names the spelling that was meant`(spelling: String, meant: String) throws {
        expect(
            try faults(in: card("memory: \"\(spelling)\"")),
            are: [
                "berth.yaml:1:51: inventory.nodes.n.cards[0].memory: \"\(spelling)\" is not a size of GPU memory. "
                    + "Write a whole number with Mi, Gi or Ti, such as `20Gi` or `512Mi`. Here probably \(meant)."
            ])
    }

    @Test(arguments: ["0Gi", "-1Gi", "Gi", "1e3Gi", "99999999999Ti", "1Ki"])
    func `what is no memory size is refused`(spelling: String) throws {
        let found = try faults(in: card("memory: \"\(spelling)\""))
        #expect(found.count == 1 && found[0].contains("is not a size of GPU memory"), "\(found)")
    }

    @Test func `KubeSpawner's own memory traits keep its units`() throws {
        let text = """
            profiles:
              - display_name: A
                kubespawner_override: {mem_limit: 3Gi, mem_guarantee: 1.5G}
              - {display_name: B, kubespawner_override: {mem_limit: 1073741824, mem_guarantee: null}}
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:3:39: profiles[0].kubespawner_override.mem_limit: \"3Gi\" is not a size that KubeSpawner takes. "
                    + "`mem_limit` is a number with K, M, G or T. Here probably `3G`, which is in steps of 1024."
            ])
    }

    private func card(_ memory: String) -> String {
        "inventory: {nodes: {n: {cards: [{uuid: G, \(memory), product: x}]}}}\n"
    }
}
