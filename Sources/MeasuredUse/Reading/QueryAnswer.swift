// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What a Prometheus server is asked, and its answer (prometheus.io/docs/prometheus/latest/querying/api).
///
/// Asked for is a range that ends now: the answer to an instant alone has the time of the question, and may be five
/// minutes old. Of each series the last value counts, with its own time.
struct QueryAnswer {
    private(set) var samples: [Sample] = []

    /// The query in PromQL. Metrics' names hold no sign that means something there.
    static func query(_ metrics: [String], over span: Duration) -> String {
        "{__name__=~\"\(metrics.joined(separator: "|"))\"}[\(span.wholeSeconds)s]"
    }

    /// Why an answer is none.
    struct Unreadable: Error {
        let reason: String
    }

    init(_ body: [UInt8], now: Instant) throws(Unreadable) {
        let json: JSON
        do { json = try JSON(parsing: body, limits: JSONLimits(bytesMax: body.count, depthMax: 8)) } catch {
            throw Unreadable(reason: "\(error)")
        }
        guard json["status"]?.string == "success", let data = json["data"], data["resultType"]?.string == "matrix",
            let result = data["result"]?.array
        else { throw Unreadable(reason: "it is no answer to a range query") }
        samples = result.prefix(Sample.countMost).compactMap { Sample(series: $0, now: now) }
    }
}

extension Sample {
    /// `{"metric": {"__name__": …}, "values": [[seconds, "value"], …]}`.
    fileprivate init?(series: JSON, now: Instant) {
        guard let members = series["metric"]?.object, let last = series["values"]?.array?.last?.array, last.count == 2,
            let seconds = last[0].numberSpelling.flatMap({ Double($0) }), (0...1e11).contains(seconds),
            let at = Instant.told(unixMilliseconds: Int64(seconds * 1000), now: now),
            let value = last[1].string.flatMap({ Double($0) })
        else { return nil }
        var labels: [String: String] = [:]
        for (name, value) in members { labels[name] = value.string }
        guard let metric = labels.removeValue(forKey: "__name__") else { return nil }
        self.init(metric: metric, labels: labels, value: value, at: at)
    }
}
