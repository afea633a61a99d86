// SPDX-License-Identifier: Apache-2.0

/// What one kind of exporter tells of devices and pods, and under which names.
package struct Exporter: Sendable, Hashable {
    package let name: String
    package let labels: Labels
    /// Where several tell the same of one device or pod, the first that does counts.
    package let measures: [Measure]

    package init(name: String, labels: Labels, measures: [Measure]) {
        self.name = name
        self.labels = labels
        self.measures = measures
    }

    /// The labels that say whose a series is. Of each list the first counts that a series has, other than empty or `-`.
    package struct Labels: Sendable, Hashable {
        /// The card's UUID.
        package var device: [String] = []
        /// The number of the MIG instance on that card.
        package var instance: [String] = []
        /// The UUID of a MIG instance, which says it without the card.
        package var migDevice: [String] = []
        package var pod: [String] = []
        package var namespace: [String] = []
        package var podUID: [String] = []
        /// What else tells one series of a device or pod from another, such as a process id.
        package var parts: [String] = []

        package init() {}
    }
}

/// One metric: a gauge, whose value is what is used at the moment.
package struct Measure: Sendable, Hashable {
    package enum Quantity: String, Sendable, CaseIterable { case busy, memory }

    package enum Unit: String, Sendable, CaseIterable {
        case percent, ratio
        case mebibytes = "MiB"
        case bytes

        package var quantity: Quantity {
            switch self {
            case .percent, .ratio: .busy
            case .mebibytes, .bytes: .memory
            }
        }
    }

    package enum Target: String, Sendable, CaseIterable { case device, pod }

    package let metric: String
    package let unit: Unit
    /// Whose use it tells.
    package let targets: [Target]
    /// Each series is a part of the whole, as those of processes are. Else equal ones are copies.
    package let addsUp: Bool

    package init(metric: String, unit: Unit, targets: [Target], addsUp: Bool) {
        self.metric = metric
        self.unit = unit
        self.targets = targets
        self.addsUp = addsUp
    }
}
