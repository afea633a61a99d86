// SPDX-License-Identifier: Apache-2.0

/// What a backend may say of the GPU that one pod gets; `${gpu.…}` in the configuration. Numbers are whole, in the unit
/// of the name, rounded up.
package enum GPUFact: String, Sendable, Hashable, CaseIterable {
    /// Cards or MIG instances; 1 for a share.
    case count
    /// Units of the pool's resource: as many as `count` but for a share.
    case units
    /// What a share is guaranteed, in whole units.
    case requestMiB = "request_mib"
    /// The most that a share may use.
    case limitMiB = "limit_mib"
    case limitUnits = "limit_units"
    /// The part of the pool's smallest device, such as 25; 100 for what is no share.
    case percent
    /// The same as `0.25`; `1` for what is no share.
    case fraction
    /// UUIDs of the cards that the ledger has chosen, with commas; not known where they are no UUIDs.
    case devices
    /// The server's container.
    case container
    /// In seconds; not known for a server without one.
    case walltime = "walltime_s"
    case reservationID = "reservation_id"

    /// Whether it is known of shares only.
    package var isOfShares: Bool {
        switch self {
        case .requestMiB, .limitMiB, .limitUnits: true
        case .count, .units, .percent, .fraction, .devices, .container, .walltime, .reservationID: false
        }
    }

    /// Whether some pods of a pool may have it and others not.
    package var isUncertain: Bool {
        switch self {
        case .devices, .walltime: true
        case .count, .units, .requestMiB, .limitMiB, .limitUnits, .percent, .fraction, .container, .reservationID:
            false
        }
    }
}

/// A text with facts of a GPU in it, taken apart when the configuration is read.
package struct GPUTemplate: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case literal(String)
        case fact(GPUFact)
    }

    package let parts: [Part]

    package init(_ parts: [Part]) { self.parts = parts }
    package init(_ fact: GPUFact) { self.init([.fact(fact)]) }
    package init(_ text: String) { self.init([.literal(text)]) }

    package var facts: [GPUFact] {
        parts.compactMap { if case .fact(let fact) = $0 { fact } else { nil } }
    }

    /// The text, where it is the same for every pod.
    package var literal: String? {
        guard facts.isEmpty else { return nil }
        return text { _ in nil }
    }

    /// Nil where a fact is not known: what would be said by it is left out.
    package func text(_ value: (GPUFact) -> String?) -> String? {
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .fact(let fact):
                guard let value = value(fact) else { return nil }
                text += value
            }
        }
        return text
    }
}
