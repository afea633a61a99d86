// SPDX-License-Identifier: Apache-2.0
package import CoreMetrics
import Synchronization

/// swift-metrics' back end: keeps every series in memory and writes them in Prometheus' text format.
///
/// Source: Prometheus exposition formats, version 0.0.4.
package final class MetricsRegistry: MetricsFactory {
    /// A user's text must never become a label value, so this is far more than our code makes; series beyond it are
    /// not recorded.
    static let seriesMax = 4096

    private let series = Mutex<[SeriesID: Series]>([:])

    /// What each metric says, for the HELP lines.
    private let help: [String: String]

    package init(help: [String: String] = [:]) { self.help = help }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(label, dimensions, .counter)
    }
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        find(label, dimensions, .gauge)
    }
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        find(label, dimensions, aggregate ? .summary : .gauge)
    }
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        find(label, dimensions, .summary)
    }
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// All series, one family after the other, names and labels in order; behind them `gauges`, whose values are of now.
    package func exposition(with gauges: [MetricGauge] = []) -> String {
        recorded() + gauges.map { head($0.name, .gauge) + $0.lines }.joined()
    }

    private func recorded() -> String {
        let all = series.withLock { $0.sorted { $0.key < $1.key } }
        var text = ""
        var family = ""
        for (id, series) in all {
            if id.name != family {
                family = id.name
                text += head(family, series.kind)
            }
            text += series.lines(of: id)
        }
        return text
    }

    private func head(_ family: String, _ kind: Series.Kind) -> String {
        let words = help[family].map { "# HELP \(family) \($0)\n" } ?? ""
        return words + "# TYPE \(family) \(kind.rawValue)\n"
    }

    private func find(_ label: String, _ dimensions: [(String, String)], _ kind: Series.Kind) -> Series {
        let id = SeriesID(label, dimensions)
        return series.withLock { series in
            if let known = series[id] { return known }
            let new = Series(kind)
            if series.count < Self.seriesMax { series[id] = new }
            return new
        }
    }
}

/// A metric's name and its labels as they stand in the exposition.
struct SeriesID: Hashable, Comparable {
    let name: String
    /// `code="x",route="y"`, escaped; empty for none.
    let labels: String

    init(_ name: String, _ dimensions: [(String, String)]) {
        self.name = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" || $0 == ":" ? $0 : "_" })
        self.labels = dimensions.sorted { $0 < $1 }
            .map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
            .joined(separator: ",")
    }

    static func < (a: SeriesID, b: SeriesID) -> Bool { (a.name, a.labels) < (b.name, b.labels) }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value {
            switch character {
            case "\\": text += #"\\"#
            case "\"": text += #"\""#
            case "\n": text += #"\n"#
            default: text.append(character)
            }
        }
        return text
    }
}

/// One series of any kind; durations are kept in seconds.
final class Series: CounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    enum Kind: String {
        case counter, gauge, summary
    }

    private struct Reading {
        var value = 0.0
        var count: Int64 = 0
    }

    let kind: Kind
    private let reading = Mutex(Reading())

    init(_ kind: Kind) { self.kind = kind }

    func increment(by amount: Int64) { reading.withLock { $0.value += Double(amount) } }
    func reset() { reading.withLock { $0 = Reading() } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { reading.withLock { $0.value = value } }
    func increment(by amount: Double) { reading.withLock { $0.value += amount } }
    func decrement(by amount: Double) { reading.withLock { $0.value -= amount } }
    func record(_ value: Int64) { record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Double) {
        guard kind == .summary else { return set(value) }
        reading.withLock {
            $0.value += value
            $0.count += 1
        }
    }

    func lines(of id: SeriesID) -> String {
        let (value, count) = reading.withLock { ($0.value, $0.count) }
        let labels = id.labels.isEmpty ? "" : "{\(id.labels)}"
        switch kind {
        case .counter, .gauge: return "\(id.name)\(labels) \(Self.spelled(value))\n"
        case .summary: return "\(id.name)_sum\(labels) \(Self.spelled(value))\n\(id.name)_count\(labels) \(count)\n"
        }
    }

    /// Whole numbers without a fraction, as people count.
    private static func spelled(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? String(value)
    }
}
