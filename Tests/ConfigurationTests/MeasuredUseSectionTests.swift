// SPDX-License-Identifier: Apache-2.0
import Configuration
import MeasuredUse
import Testing

@Suite struct MeasuredUseSectionTests {
    /// A site with one pool, whose text begins in line 3.
    private func site(_ text: String, backend: String = "mortalgpu") -> String {
        let mode = backend == "mortalgpu" ? "shared, resource: x/y, unit: 1Gi" : "whole"
        return """
            pools: {p: {mode: \(mode), backend: \(backend)}}
            inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 80Gi, pools: [p]}]}}}
            \(text)
            """
    }

    private static let good = "measured_use: {sources: [{exporter: http://localhost:9400/metrics}]}"

    @Test func `without more words the pools' backends say by which exporters, and times have defaults`() throws {
        let terms = try #require(try Sample(site(Self.good)).load().site?.measuredUse)
        #expect(terms.exporters.map(\.name) == ["metagpu-exporter", "dcgm-exporter"])
        #expect(terms.exporters[0].measures.map(\.metric).contains("metagpu_process_memory_usage"))
        #expect(terms.exporters[1].labels.device == ["UUID", "uuid"])
        #expect(terms.interval == .seconds(30) && terms.timeout == .seconds(5) && terms.staleAfter == .seconds(120))
        #expect(terms.sources.map(\.url) == ["http://localhost:9400/metrics"])
        let whole = try #require(try Sample(site(Self.good, backend: "nvidia")).load().site?.measuredUse)
        #expect(whole.exporters.map(\.name) == ["dcgm-exporter"])
        #expect(try Sample(site("")).load().site?.measuredUse == nil)
    }

    @Test func `a site's own exporter takes the place of one that Berth knows, and another is named by a backend`()
        throws
    {
        let text = """
            measured_use:
              sources: [{prometheus: https://prometheus.example.org/, token_file: prometheus.token}]
              stale_after: 5m
              exporters:
                dcgm-exporter: {device: [uuid], measures: [{metric: my_memory, unit: bytes, of: [device]}]}
                own: {pod: [p], namespace: [n], measures: [{metric: "a:b", unit: ratio, of: [pod], adds_up: true}]}
            backends: {b: {resources: {"${pool.resource}": "${gpu.count}"}, measured_by: [own, dcgm-exporter]}}
            """
        let sample = try Sample(site(text, backend: "b, resource: x/y"), files: ["prometheus.token": "secret-word"])
        let terms = try #require(sample.load().site?.measuredUse)
        #expect(terms.exporters.map { $0.measures.map(\.metric) } == [["a:b"], ["my_memory"]])
        #expect(terms.sources.map(\.url) == ["https://prometheus.example.org"])
        #expect(!"\(terms)".contains("secret-word"))
    }

    @Test(arguments: [
        (
            "{sources: [{exporter: ftp://gpu-1/m}]}",
            "3:37: measured_use.sources[0].exporter: is no URL that can be asked."
        ),
        (
            "{sources: [{exporter: http://gpu-1:9400/metrics}]}",
            "3:37: measured_use.sources[0].exporter: is asked in clear text. Use `https://`, or write `allow_http: true` "
                + "where nobody can stand between."
        ),
        (
            "{sources: [{prometheus: https://me:word@p.example.org}]}",
            "3:39: measured_use.sources[0].prometheus: has a user or password in it. Write a `token_file` instead."
        ),
        (
            "{sources: [{prometheus: https://p.example.org/api/v1/query}]}",
            "3:39: measured_use.sources[0].prometheus: \"https://p.example.org/api/v1/query\" is more than the server's URL."
        ),
        ("{sources: [{}]}", "3:26: measured_use.sources[0]: says neither `prometheus` nor `exporter`."),
        (
            "{sources: [{exporter: https://a/m, prometheus: https://b}]}",
            "3:26: measured_use.sources[0]: says both `prometheus` and `exporter`."
        ),
        (
            "{sources: [{exporter: https://a/m}, {exporter: https://a/m}]}",
            "3:51: measured_use.sources[1]: the source \"https://a/m\" is taken already"
        ),
        (
            "{sources: [{exporter: https://a/m}], interval: 1m, stale_after: 1m}",
            "3:79: measured_use.stale_after: what is told would be stale before the next answer is there."
        ),
        (
            "{sources: [{exporter: https://a/m}], interval: 1s}",
            "3:62: measured_use.interval: is out of range. Write 5s to 10m."
        ),
        (
            "{sources: [{exporter: https://a/m}], timeout: 1m}",
            "3:61: measured_use.timeout: is out of range. Write 1s to 30s."
        ),
        (
            "{sources: [{exporter: https://a/m}], exporters: {x: {measures: [{metric: m, unit: MiB, of: [device]}]}}}",
            "measured_use.exporters.x.measures[0].of[0]: no label says which device. Write `device` beside `measures`."
        ),
        (
            "{sources: [{exporter: https://a/m}], exporters: {x: {pod: [p], measures: [{metric: m, unit: MiB, of: [pod]}]}}}",
            "measured_use.exporters.x.measures[0].of[0]: no labels say which pod. Write `pod` and `namespace` beside"
        ),
        (
            #"{sources: [{exporter: https://a/m}], exporters: {x: {device: [d], measures: [{metric: "m|up", unit: MiB, of: [device]}]}}}"#,
            "measured_use.exporters.x.measures[0].metric"
        ),
        ("{source: []}", "measured_use"),
    ])
    func `what cannot be is told at its place with what to write`(text: String, fault: String) throws {
        let found = try faults(in: site("measured_use: \(text)"))
        #expect(found.contains { $0.contains(fault) }, "\(found)")
    }

    @Test func `a backend that names an exporter that is none is told of it`() throws {
        let text = #"backends: {b: {resources: {x/y: "${gpu.count}"}, measured_by: [dcgm-exporte]}}"#
        let found = try faults(in: site(text, backend: "b, resource: x/y"))
        #expect(
            found == [
                #"berth.yaml:3:64: backends.b.measured_by[0]: "dcgm-exporte" is not an exporter. Did you mean "dcgm-exporter"?"#
            ])
    }

    @Test func `a section that tells of no pool is warned of`() throws {
        #expect(
            try warnings(in: Self.good) == [
                "berth.yaml:1:1: measured_use: tells of no pool. Write `measured_by` at the pools' backends, or remove "
                    + "`measured_use`."
            ])
    }
}
