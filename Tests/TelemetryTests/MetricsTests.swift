// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import Telemetry
import Testing

struct MetricsTests {
    @Test func `a counter with the same labels is one series, whatever their order`() {
        let registry = MetricsRegistry()
        Counter(label: "spawns_total", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "spawns_total", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment(by: 2)
        #expect(registry.exposition() == "# TYPE spawns_total counter\nspawns_total{a=\"1\",b=\"2\"} 3\n")
    }

    @Test func `a label's value cannot break out of its quotes`() {
        let registry = MetricsRegistry()
        Counter(label: "x", dimensions: [("l", "a\"} 9\nb\\")], factory: registry).increment()
        #expect(registry.exposition() == "# TYPE x counter\nx{l=\"a\\\"} 9\\nb\\\\\"} 1\n")
    }

    @Test func `a timer counts in seconds`() {
        let registry = MetricsRegistry()
        let timer = Timer(label: "took", dimensions: [], factory: registry)
        timer.recordMilliseconds(500)
        timer.recordMilliseconds(1000)
        #expect(registry.exposition() == "# TYPE took summary\ntook_sum 1.5\ntook_count 2\n")
    }

    @Test func `a gauge shows what was set last`() {
        let registry = MetricsRegistry()
        let gauge = Meter(label: "free", dimensions: [], factory: registry)
        gauge.set(5)
        gauge.set(3)
        #expect(registry.exposition().contains("free 3"))
    }

    @Test func `series beyond the bound are not kept`() {
        let registry = MetricsRegistry()
        for number in 0..<5000 {
            Counter(label: "many", dimensions: [("n", String(number))], factory: registry).increment()
        }
        #expect(registry.exposition().split(separator: "\n").count == 4097)
    }

    @Test func `a family has its HELP line once, and gauges of now stand behind`() {
        let registry = MetricsRegistry(help: ["a": "All of it.", "g": "What is free."])
        Counter(label: "a", dimensions: [("l", "1")], factory: registry).increment()
        Counter(label: "a", dimensions: [("l", "2")], factory: registry).increment()
        var gauge = MetricGauge("g")
        gauge.add(7, [("pool", "x\"y")])
        #expect(
            registry.exposition(with: [gauge]) == """
                # HELP a All of it.
                # TYPE a counter
                a{l="1"} 1
                a{l="2"} 1
                # HELP g What is free.
                # TYPE g gauge
                g{pool="x\\"y"} 7

                """)
    }
}
