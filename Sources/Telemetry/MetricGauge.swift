// SPDX-License-Identifier: Apache-2.0

/// A gauge whose values are made when they are asked for, so that none outlives what it was about.
package struct MetricGauge: Sendable {
    package let name: String
    private var samples: [(id: SeriesID, value: Int)] = []

    package init(_ name: String) { self.name = name }

    /// Labels are the configuration's names and words of ours, never a user's.
    package mutating func add(_ value: Int, _ labels: [(String, String)]) {
        samples.append((SeriesID(name, labels), value))
    }

    var lines: String {
        samples.map { sample in
            let labels = sample.id.labels.isEmpty ? "" : "{\(sample.id.labels)}"
            return "\(name)\(labels) \(sample.value)\n"
        }.joined()
    }
}
