// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What one series says, and of whom.
struct Series: Sendable, Hashable {
    /// Two samples with the same are the same series: the younger counts.
    struct Identity: Sendable, Hashable {
        /// The card's UUID, `card/number` for a MIG instance, or that one's UUID.
        let device: String?
        let pod: PodName?
        let podUID: String?
        let parts: [String?]
    }

    let identity: Identity
    /// Percent or MiB; nil where what was told can't be so, or two contradict each other.
    let amount: Int?
    let at: Instant

    /// The series among these samples, one an identity; those that say nobody's are left out.
    static func all(_ samples: [Sample], _ measure: Measure, _ labels: Exporter.Labels) -> [Series] {
        var found: [Identity: Series] = [:]
        for sample in samples {
            let identity = Identity(sample, labels)
            guard identity.device != nil || identity.pod != nil else { continue }
            let series = Series(identity: identity, amount: measure.unit.amount(sample.value), at: sample.at)
            found[identity] = found[identity].map { $0.joined(with: series) } ?? series
        }
        return Array(found.values)
    }

    private func joined(with other: Series) -> Series {
        if at != other.at { return at < other.at ? other : self }
        return amount == other.amount ? self : Series(identity: identity, amount: nil, at: at)
    }
}

extension Series.Identity {
    fileprivate init(_ sample: Sample, _ labels: Exporter.Labels) {
        let card = sample.first(labels.device)
        let part = card.flatMap { card in sample.first(labels.instance).map { "\(card)/\($0)" } }
        device = sample.first(labels.migDevice) ?? part ?? card
        let (name, namespace) = (sample.first(labels.pod), sample.first(labels.namespace))
        pod = name.flatMap { name in namespace.map { PodName(namespace: $0, name: name) } }
        podUID = sample.first(labels.podUID)
        parts = labels.parts.map { sample.labels[$0] }
    }
}

extension Measure.Unit {
    /// In whole percent or MiB, rounded; nil for what no GPU can have.
    fileprivate func amount(_ value: Double) -> Int? {
        guard value.isFinite, value >= 0 else { return nil }
        let (amount, most) =
            switch self {
            case .percent: (value, 100.0)
            case .ratio: (value * 100, 100)
            case .mebibytes: (value, Self.mebibytesMost)
            case .bytes: (value / 1_048_576, Self.mebibytesMost)
            }
        return amount <= most ? Int(amount.rounded()) : nil
    }

    /// 4 TiB: more than a GPU of the next years has, and little enough to be added up.
    private static let mebibytesMost = 4_194_304.0
}
