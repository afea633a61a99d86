// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What was measured of one device or pod; nil where nobody has told, or what was told makes no sense.
package struct Use: Sendable, Hashable {
    /// In percent, of the busiest of its devices.
    package var busy: Measured<Int>?
    package var memory: Measured<MiB>?

    package init(busy: Measured<Int>? = nil, memory: Measured<MiB>? = nil) {
        self.busy = busy
        self.memory = memory
    }

    /// Of the older of the two.
    package var at: Instant? {
        switch (busy?.at, memory?.at) {
        case (let busy?, let memory?): min(busy, memory)
        case (let one, let other): one ?? other
        }
    }

    /// Without what was measured before `since`.
    func since(_ since: Instant) -> Use {
        Use(busy: busy.flatMap { $0.at < since ? nil : $0 }, memory: memory.flatMap { $0.at < since ? nil : $0 })
    }

    /// What is missing here is taken from `other`.
    func filled(from other: Use) -> Use { Use(busy: busy ?? other.busy, memory: memory ?? other.memory) }

    /// Of several devices together: the busiest, and the sum of memory; nil where one of them does not tell.
    package static func joined(_ uses: [Use]) -> Use {
        let (busy, memory) = (uses.compactMap(\.busy), uses.compactMap(\.memory))
        return Use(
            busy: busy.count == uses.count ? Measured.joined(busy) { $0.max() ?? 0 } : nil,
            memory: memory.count == uses.count ? Measured.joined(memory) { $0.reduce(MiB(0), +) } : nil)
    }
}

/// A value, and when it was so.
package struct Measured<Value: Sendable & Hashable>: Sendable, Hashable {
    package let value: Value
    package let at: Instant

    package init(_ value: Value, at: Instant) {
        self.value = value
        self.at = at
    }

    /// As old as the oldest; nil for none.
    static func joined(_ all: [Measured], _ join: ([Value]) -> Value) -> Measured? {
        all.map(\.at).min().map { Measured(join(all.map(\.value)), at: $0) }
    }
}

/// A pod by what people call it. The next pod of a server has the same name.
package struct PodName: Sendable, Hashable {
    package let namespace: String
    package let name: String

    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }
}
