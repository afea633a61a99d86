// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

/// A cluster of the tests' own, with a ledger that is told of it: what is there, and what a watch would see.
struct Stage {
    private(set) var scratch: Scratch
    private(set) var ledger: Ledger
    private(set) var inventory: Inventory
    var now = noon
    var nodes: [String: SeenNode] = [:]
    var pods: [String: SeenPod] = [:]
    private(set) var generation: Int64 = 0

    static let terms = ClusterTerms()

    /// Two nodes with two whole cards each; nothing was seen yet.
    init(_ inventory: Inventory = Self.four) throws {
        scratch = Scratch()
        self.inventory = inventory
        ledger = try Ledger(scratch.store, inventory: inventory)
        ledger.expectCluster(Self.terms, now: now)
        for node in inventory.nodes { nodes[node.name] = SeenNode(name: node.name, uid: "\(node.name)-1") }
    }

    /// The same, seen once.
    static func seen(_ inventory: Inventory = Self.four) async throws -> Stage {
        var stage = try Stage(inventory)
        try await stage.look()
        return stage
    }

    static let four = Inventory(
        nodes: ["a", "b"].map { node($0, [card("\($0)0", ["whole"]), card("\($0)1", ["whole"])]) },
        pools: [wholePool()])
    static let one = Inventory(nodes: [node("a", [card("a0", ["whole"])])], pools: [wholePool()])

    /// What a snapshot of this moment makes of the ledger.
    @discardableResult
    mutating func look(isComplete: Bool = true, age: Duration = .zero) async throws -> Observation {
        generation += 1
        return try await ledger.observe(snapshot(isComplete: isComplete, age: age), now: now)
    }

    func snapshot(isComplete: Bool = true, age: Duration = .zero) -> ClusterSnapshot {
        ClusterSnapshot(
            generation: generation, observedAt: now + (.zero - age), isComplete: isComplete,
            nodes: nodes.values.sorted { $0.name < $1.name }, pods: pods.values.sorted { $0.uid < $1.uid })
    }

    /// Time goes by, and the cluster is looked at.
    @discardableResult
    mutating func pass(_ seconds: Int) async throws -> Observation {
        now = now + .seconds(seconds)
        return try await look()
    }

    mutating func hold(
        _ user: String = "ana", _ gpu: GPURequest = cards(1), start: String = "1", walltime: Duration? = .seconds(3600)
    ) async throws -> Reservation? {
        try await ledger.hold(request(gpu, for: user, start: start, walltime: walltime, at: now))
    }

    /// The hub has the pod, and the pod is there.
    @discardableResult
    mutating func pod(
        _ uid: String, of reservation: Reservation, on node: String? = nil, isStarted: Bool = true,
        startedAt: Instant? = nil, asks: [String: Int]? = nil
    ) async throws -> SeenPod {
        _ = try await ledger.bind(reservation.id, server: reservation.server, now: now)
        let pod = SeenPod(
            uid: uid, namespace: "hub", name: "jupyter-\(reservation.server.user)",
            node: node ?? reservation.placement.first?.node, phase: isStarted ? .running : .pending,
            hasStarted: isStarted, startedAt: startedAt,
            asks: asks ?? ["nvidia.com/gpu": reservation.placement.count], reservationID: reservation.id)
        pods[uid] = pod
        return pod
    }

    mutating func change(
        _ uid: String, phase: SeenPod.Phase? = nil, reason: String? = nil, isTerminating: Bool? = nil,
        hasStarted: Bool? = nil
    ) {
        guard let old = pods[uid] else { return }
        pods[uid] = SeenPod(
            uid: uid, namespace: old.namespace, name: old.name, node: old.node, phase: phase ?? old.phase,
            failureReason: reason, isTerminating: isTerminating ?? old.isTerminating,
            hasStarted: hasStarted ?? old.hasStarted, startedAt: old.startedAt, asks: old.asks,
            reservationID: old.reservationID, nodeSelector: old.nodeSelector, claim: old.claim)
    }

    mutating func set(_ name: String, uid: String? = nil, isReady: Bool = true, isCordoned: Bool = false) {
        nodes[name] = SeenNode(
            name: name, uid: uid ?? nodes[name]?.uid ?? "\(name)-1", isReady: isReady, isCordoned: isCordoned)
    }

    func state(_ reservation: Reservation) async throws -> Reservation.State? {
        try await ledger.reservation(reservation.id)?.state
    }

    func free(_ gpu: GPURequest = cards(1)) -> Int { ledger.availability(of: gpu, now: now).freeNow }

    /// The process is started anew on the same database.
    mutating func restart(_ inventory: Inventory? = nil, losingJournal: Bool = false) async throws {
        await ledger.close()
        self.inventory = inventory ?? self.inventory
        generation = 0
        if losingJournal { scratch = Scratch() }
        ledger = try Ledger(scratch.store, inventory: self.inventory)
        ledger.expectCluster(Self.terms, now: now)
    }

    mutating func replace(_ inventory: Inventory) async throws {
        self.inventory = inventory
        try await ledger.replace(inventory: inventory)
    }
}

func stray(
    _ uid: String, on node: String?, _ asks: [String: Int] = ["nvidia.com/gpu": 1], reservationID: String? = nil
) -> SeenPod {
    SeenPod(
        uid: uid, namespace: "dask", name: uid, node: node, phase: node == nil ? .pending : .running, asks: asks,
        reservationID: reservationID)
}
