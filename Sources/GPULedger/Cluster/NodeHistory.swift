// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// A node as it counts: what it has, whether anything may be placed there now, and what an operator should hear of.
package struct NodeStanding: Sendable, Hashable {
    /// A resource that has vanished a moment ago is still counted.
    package let node: SeenNode
    /// Whether its devices are given now, as far as its history knows; `WithheldNode` knows the node's own word.
    package let isSteady: Bool
    package let findings: [InventoryFinding]
}

/// What one look at the nodes cannot tell: since when something is so. Times are of a clock that is never set.
package struct NodeHistory: Sendable {
    /// A device plugin that starts again takes this long at most; what is away for longer is gone.
    static let debounce = Duration.seconds(60)
    /// A new MIG layout is made within this, or somebody has to look.
    static let migPatience = Duration.seconds(15 * 60)

    fileprivate struct Memory {
        /// The last amount above zero of each resource that is there or has been a moment ago.
        var amounts: [String: Int] = [:]
        var emptySince: [String: ContinuousClock.Instant] = [:]
        var mig = MIGChange()
    }

    /// By the nodes' UIDs.
    private var memories: [String: Memory] = [:]

    package init() {}

    /// How all nodes that there are stand now. Virtual ones are left out: they have no capacity.
    ///
    /// - Parameter pools: of these, instances that are made on demand come and go, which is no restart of a plugin.
    package mutating func standings(
        of nodes: [SeenNode], pools: [Pool] = [], at now: ContinuousClock.Instant
    ) -> [NodeStanding] {
        let passing = Set(pools.filter { $0.migLayout == .onDemand }.map(\.resourceName))
            .subtracting(pools.filter { $0.migLayout == .fixed }.map(\.resourceName))
        var kept: [String: Memory] = [:]
        let standings = nodes.filter { !$0.isVirtual }.map { node in
            var memory = memories[node.uid] ?? Memory()
            defer { kept[node.uid] = memory }
            return memory.standing(of: node, passing, at: now)
        }
        memories = kept
        return standings
    }
}

extension NodeHistory.Memory {
    /// - Parameter passing: resources that come and go.
    fileprivate mutating func standing(
        of node: SeenNode, _ passing: Set<String>, at now: ContinuousClock.Instant
    ) -> NodeStanding {
        // What the former layout had and the new one has not does not come back.
        if mig.take(node, at: now) { (amounts, emptySince) = ([:], [:]) }
        let isRestarting = steady(node.allocatable.filter { !passing.contains($0.key) }, at: now)
        return NodeStanding(
            node: node.having(node.allocatable.merging(amounts) { $1 }), isSteady: !isRestarting && !mig.isUnderWay,
            findings: mig.isLate(at: now) ? [.migPending(node: node.name)] : [])
    }

    /// - Returns: whether something has fallen to nothing a moment ago.
    private mutating func steady(_ allocatable: [String: Int], at now: ContinuousClock.Instant) -> Bool {
        for (resource, amount) in allocatable where amount > 0 {
            amounts[resource] = amount
            emptySince[resource] = nil
        }
        for resource in amounts.keys where (allocatable[resource] ?? 0) == 0 {
            let since = emptySince[resource] ?? now
            emptySince[resource] = since
            if now - since >= NodeHistory.debounce { (amounts[resource], emptySince[resource]) = (nil, nil) }
        }
        return !emptySince.isEmpty
    }
}

/// A change of a node's MIG layout, by the labels of NVIDIA's MIG manager.
private struct MIGChange: Sendable {
    /// The layout that was wanted at the last look, and since when it is.
    private var wanted: String?
    private var wantedSince: ContinuousClock.Instant?
    /// Since when the manager works on it, or has failed.
    private var unfinishedSince: ContinuousClock.Instant?
    private(set) var isUnderWay = false

    /// - Returns: whether the manager has been at work and says now that the layout is there.
    mutating func take(_ node: SeenNode, at now: ContinuousClock.Instant) -> Bool {
        let wasUnfinished = unfinishedSince != nil
        let (layout, state) = (node.labels["nvidia.com/mig.config"] ?? "", node.labels["nvidia.com/mig.config.state"])
        // At first sight only the state can say whether the layout is there.
        let isNews = wanted != nil && layout != wanted
        if isNews { wantedSince = now }
        wanted = layout
        if let state, state != "success" {
            unfinishedSince = unfinishedSince ?? now
            wantedSince = nil
        } else {
            unfinishedSince = nil
            // `success` is still that of the layout before until the manager has seen the label.
            if let since = wantedSince, now - since >= NodeHistory.debounce { wantedSince = nil }
        }
        isUnderWay = unfinishedSince != nil || (wantedSince != nil && state != nil)
        return wasUnfinished && unfinishedSince == nil
    }

    func isLate(at now: ContinuousClock.Instant) -> Bool {
        unfinishedSince.map { now - $0 > NodeHistory.migPatience } ?? false
    }
}

extension SeenNode {
    fileprivate func having(_ allocatable: [String: Int]) -> SeenNode {
        SeenNode(
            name: name, uid: uid, labels: labels, isReady: isReady, isCordoned: isCordoned, taints: taints,
            allocatable: allocatable, isVirtual: isVirtual)
    }
}
