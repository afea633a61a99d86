// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What quotas count.
package enum QuotaMeasure: String, Sendable, CaseIterable {
    /// Live sessions with a GPU.
    case sessions
    /// Thousandths of a whole card, held now.
    case milliCards = "milli-cards"
    /// GPU memory held now, in MiB.
    case memory
    /// Use within the running period, counted from the moment a session runs; in milli-card-seconds.
    case gpuHours = "gpu-hours"

    /// Milli-card-seconds in one GPU-hour.
    package static let gpuHour = 1000 * 3600
}

/// An amount in every measure.
package struct QuotaAmounts: Hashable, Sendable {
    package var sessions: Int
    package var milliCards: Int
    package var memory: MiB
    package var milliCardSeconds: Int

    package init(sessions: Int = 0, milliCards: Int = 0, memory: MiB = MiB(0), milliCardSeconds: Int = 0) {
        self.sessions = sessions
        self.milliCards = milliCards
        self.memory = memory
        self.milliCardSeconds = milliCardSeconds
    }

    func holding(less gone: Charge) -> QuotaAmounts {
        QuotaAmounts(
            sessions: sessions - 1, milliCards: milliCards - gone.milliCards, memory: memory - gone.memory,
            milliCardSeconds: milliCardSeconds)
    }

    package subscript(measure: QuotaMeasure) -> Int {
        switch measure {
        case .sessions: sessions
        case .milliCards: milliCards
        case .memory: memory.count
        case .gpuHours: milliCardSeconds
        }
    }
}

/// The most of each measure. Nil is no limit; 0 is none at all.
package struct QuotaLimits: Hashable, Sendable {
    package var sessions: Int?
    package var milliCards: Int?
    package var memory: MiB?
    package var gpuHours: Int?

    package init(sessions: Int? = nil, milliCards: Int? = nil, memory: MiB? = nil, gpuHours: Int? = nil) {
        self.sessions = sessions
        self.milliCards = milliCards
        self.memory = memory
        self.gpuHours = gpuHours
    }

    /// In the unit in which the measure is counted.
    package subscript(measure: QuotaMeasure) -> Int? {
        switch measure {
        case .sessions: sessions
        case .milliCards: milliCards
        case .memory: memory?.count
        case .gpuHours: gpuHours.map { $0 * QuotaMeasure.gpuHour }
        }
    }

    /// Limits nothing.
    var isEmpty: Bool { self == QuotaLimits() }
}
