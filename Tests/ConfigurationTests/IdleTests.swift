// SPDX-License-Identifier: Apache-2.0
import Configuration
import Testing

struct IdleTests {
    private static let hub =
        "deployments: {a: {hook_token_file: production.token, hub_api: {url: \"http://127.0.0.1/hub/api\", token_file: t}}}\n"
    private static let pools = "pools: {p: {mode: whole, resource: nvidia.com/gpu}}\ninventory: {nodes: {}}\n"

    private func warnings(_ profile: String, _ more: String = hub) throws -> [String] {
        try Sample("profiles: [{display_name: P, \(profile)}]\n" + more, files: ["t": "berths-token-at-the-hub"]).load()
            .warnings
    }

    @Test func `a limit below what hubs hear of in time is warned of, wherever it stands`() throws {
        let short = try warnings("idle: 4m")
        #expect(short.count == 1 && short[0].contains("profiles[0].idle: is so short"), "\(short)")
        #expect(try warnings("set: {idle: {$min: 299s}}").count == 1)
        #expect(try warnings("idle: 5m") == [])
    }

    @Test func `a limit that no hub tells of is warned of once`() throws {
        let untold = try warnings("idle: 1h, set: {walltime: 1h}", "rules: [{set: {idle: 2h}}]\n")
        #expect(untold.count == 1 && untold[0].contains("ends nothing by itself"), "\(untold)")
    }

    @Test func `a limit of servers with GPUs that nobody measures is warned of`() throws {
        let gpu = "idle: 1h, gpu: {pool: p, cards: 1}"
        let unmeasured = try warnings(gpu, Self.hub + Self.pools)
        #expect(unmeasured.count == 1 && unmeasured[0].contains("ends no server that has a GPU"), "\(unmeasured)")
        let measured = "measured_use: {sources: [{exporter: http://localhost:9400/metrics}]}\n"
        #expect(try !warnings(gpu, Self.hub + Self.pools + measured).contains { $0.contains("idle") })
    }
}
