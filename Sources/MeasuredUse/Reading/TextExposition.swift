// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// A page of metrics in Prometheus' text format, version 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats).
///
/// Lines of other metrics are passed over unread. One line that can't be read costs that line.
struct TextExposition {
    private(set) var samples: [Sample] = []
    /// Lines of wanted metrics that are not in the format.
    private(set) var unreadableLines = 0

    /// Longest line that is read. A label with a process' command line is the longest that is met.
    static let lineBytesMost = 16 * 1024

    /// - Parameter now: the time of samples that carry none.
    init(_ body: [UInt8], wanted: Set<String>, now: Instant) {
        var start = body.startIndex
        while start < body.endIndex, samples.count < Sample.countMost {
            let end = body[start...].firstIndex(of: UInt8(ascii: "\n")) ?? body.endIndex
            read(body[start..<end], wanted, now)
            start = end + 1
        }
    }

    private mutating func read(_ line: ArraySlice<UInt8>, _ wanted: Set<String>, _ now: Instant) {
        var line = SampleLine(line)
        guard let name = line.name(), wanted.contains(name) else { return }
        guard line.count <= Self.lineBytesMost, let sample = line.sample(of: name, now: now) else {
            unreadableLines += 1
            return
        }
        samples.append(sample)
    }
}
