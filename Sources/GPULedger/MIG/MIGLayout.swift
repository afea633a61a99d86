// SPDX-License-Identifier: Apache-2.0

/// The instances on one card, by where they begin in its memory slices: what fits beside them is whatever overlaps
/// none. Compute slices are never what is short (NVIDIA's start slots see to that).
struct MIGLayout: Hashable, Sendable {
    struct Kind: Hashable, Sendable {
        let name: String
        /// In memory slices.
        let length: Int
        let starts: [Int]
        /// Has the media engines, of which a card has one set.
        var hasMedia = false
    }

    struct Instance: Hashable, Sendable, CustomStringConvertible {
        let kind: Kind
        let start: Int
        var slots: Range<Int> { start..<start + kind.length }
        var description: String { "\(kind.name)@\(start)" }
    }

    /// In the order of their starts.
    private(set) var instances: [Instance] = []

    /// The starts at which one more of `kind` fits, in order.
    func starts(for kind: Kind) -> [Int] {
        guard !kind.hasMedia || !instances.contains(where: \.kind.hasMedia) else { return [] }
        return kind.starts.filter { start in
            !instances.contains { $0.slots.overlaps(start..<start + kind.length) }
        }
    }

    func with(_ kind: Kind, at start: Int) -> MIGLayout {
        var layout = self
        layout.instances.append(Instance(kind: kind, start: start))
        layout.instances.sort { $0.start < $1.start }
        return layout
    }

    /// At the highest start that fits, which keeps the low slots for a 4g; nil when there is none. Never another kind.
    func placing(_ kind: Kind) -> MIGLayout? { starts(for: kind).last.map { with(kind, at: $0) } }
}

extension MIGLayout.Kind {
    /// Cards of eight memory slices: A100, H100, H200.
    static let eighths = [
        Self(name: "1g", length: 1, starts: [0, 1, 2, 3, 4, 5, 6]), Self(name: "2g", length: 2, starts: [0, 2, 4]),
        Self(name: "3g", length: 4, starts: [0, 4]), Self(name: "4g", length: 4, starts: [0]),
        Self(name: "7g", length: 8, starts: [0]),
    ]
    static let doubleMemory = Self(name: "1g double", length: 2, starts: [0, 2, 4, 6])
    static let media = Self(name: "1g+me", length: 1, starts: [0, 1, 2, 3, 4, 5, 6], hasMedia: true)
    /// A card of four: A30.
    static let quarters = [
        Self(name: "1g", length: 1, starts: [0, 1, 2, 3]), Self(name: "2g", length: 2, starts: [0, 2]),
        Self(name: "4g", length: 4, starts: [0]),
    ]
}
