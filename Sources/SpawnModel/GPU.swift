// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// Memory of a GPU in whole mebibytes; never a float, never rounded gibibytes.
package struct MiB: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let count: Int
    package init(_ count: Int) { self.count = count }
    package static func < (a: MiB, b: MiB) -> Bool { a.count < b.count }
    package static func + (a: MiB, b: MiB) -> MiB { MiB(a.count + b.count) }
    package static func - (a: MiB, b: MiB) -> MiB { MiB(a.count - b.count) }
    package var description: String { "\(count)Mi" }
}

/// The shape of a MIG slice in NVIDIA's spelling, `1g.10gb` or `1g.10gb+me`; the largest is a slice too, not a card.
package struct MIGProfile: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package init(_ name: String) { self.name = name }
    package var description: String { name }
}

/// How much GPU one server gets from a pool.
package enum GPUAmount: Hashable, Sendable {
    /// Whole cards, all on one node.
    case cards(Int)
    /// MIG instances of the pool's profile, all on one node.
    case migInstances(Int)
    /// A memory share of one card or MIG instance: `request` is guaranteed, `limit` is the most it may use.
    case share(request: MiB, limit: MiB)
}

/// What policy allows and the ledger is asked for.
package struct GPURequest: Hashable, Sendable {
    package let pool: String
    package let amount: GPUAmount

    package init(pool: String, amount: GPUAmount) {
        self.pool = pool
        self.amount = amount
    }
}

/// Interchangeable GPU capacity, as the operator configured it.
package struct Pool: Sendable, Hashable {
    package enum Mode: Sendable, Hashable {
        case whole
        case mig(MIGProfile)
        case shared(SharedTerms)
    }

    /// How memory shares of this pool are counted.
    package struct SharedTerms: Sendable, Hashable {
        /// MiB behind one unit of the resource; a request is rounded up to whole units.
        package let unit: MiB
        /// Limits may add up to memory x this / 100; 100 means no overcommit.
        package let overcommitPercent: Int
        /// Most shares on one device.
        package let sharersMax: Int

        /// What each share takes of the device's memory beside its own, for the context that CUDA makes.
        package let sharerOverhead: MiB
        /// How many cards, of those that can be had whole too, no share may open.
        package let headroom: Int
        /// How long a card stays with shares after its last one has ended, so that it does not flap.
        package let keptOpenFor: Duration
        package let policy: SharePolicy

        package init(
            unit: MiB, overcommitPercent: Int, sharersMax: Int, sharerOverhead: MiB = MiB(0), headroom: Int = 0,
            keptOpenFor: Duration = .zero, policy: SharePolicy = .pack
        ) {
            self.unit = unit
            self.overcommitPercent = overcommitPercent
            self.sharersMax = sharersMax
            self.sharerOverhead = sharerOverhead
            self.headroom = headroom
            self.keptOpenFor = keptOpenFor
            self.policy = policy
        }
    }

    package enum SharePolicy: String, Sendable, CaseIterable {
        /// The fullest device with room: others stay empty.
        case pack
        /// An empty device as long as there is one, then the one with the most room: a quieter card for each.
        case spread
    }

    /// Where the MIG instances of a pool come from.
    package enum MIGLayout: String, Sendable, CaseIterable {
        /// Those that cards are split into, as the inventory has them.
        case fixed = "static"
        /// Made on a card when a server wants one, and gone after it: a card serves any profiles that fit beside each other.
        case onDemand = "on_demand"
    }

    package let name: String
    package let displayName: String
    package let mode: Mode
    package let migLayout: MIGLayout
    /// What the nodes have of it: `nvidia.com/gpu`, `nvidia.com/mig-1g.10gb`, `mortalgpu/a100-shared`.
    package let resourceName: String
    /// What a pod with some of it says.
    package let backend: GPUBackend
    /// Memory of its smallest device; nil where that is not known.
    package let deviceMemory: MiB?
    /// A JSON object of strings.
    package let nodeSelector: JSON
    /// A JSON array of Kubernetes tolerations.
    package let tolerations: JSON
    package let runtimeClassName: String?

    /// - Parameter backend: nil for the usual way, so many units of the resource.
    package init(
        name: String, displayName: String, mode: Mode, migLayout: MIGLayout = .fixed, resourceName: String,
        backend: GPUBackend? = nil, deviceMemory: MiB? = nil, nodeSelector: JSON = .emptyObject,
        tolerations: JSON = .emptyArray, runtimeClassName: String? = nil
    ) {
        self.name = name
        self.displayName = displayName
        self.mode = mode
        self.migLayout = migLayout
        self.resourceName = resourceName
        self.backend = backend ?? .units(of: resourceName)
        self.deviceMemory = deviceMemory
        self.nodeSelector = nodeSelector
        self.tolerations = tolerations
        self.runtimeClassName = runtimeClassName
    }
}
