// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// A request in the measure of its pool, checked: what placement works on.
struct Demand: Sendable {
    enum Amount: Sendable {
        /// So many devices as a whole, all on one node.
        case devices(Int, as: Hold.Mode)
        /// In the pool's unit; `size(on:)` where devices have their own.
        case share(ShareSize)
    }

    let known: DeviceCatalogue.PoolDevices
    let amount: Amount
    let terms: Pool.SharedTerms?
    /// A share as it was asked for.
    private let asked: (request: MiB, limit: MiB)?
    private(set) var onlyNode: String?

    var pool: Pool { known.pool }
    /// Where it may go, in the order of node, card and id.
    var devices: [Device] { known.devices }

    /// - Throws: `LedgerError.unknownPool`, or `.amountMismatch` when the pool does not give such amounts.
    init(_ request: GPURequest, in catalogue: DeviceCatalogue) throws(LedgerError) {
        guard let known = catalogue[pool: request.pool] else { throw .unknownPool(request.pool) }
        self.known = known
        switch (request.amount, known.pool.mode) {
        case (.cards(let count), .whole):
            amount = .devices(try Self.atLeastOne(count, request.pool), as: .whole)
            (terms, asked) = (nil, nil)
        case (.migInstances(let count), .mig):
            amount = .devices(try Self.atLeastOne(count, request.pool), as: .mig)
            (terms, asked) = (nil, nil)
        case (.share(let memory, let limit), .shared(let shared)):
            try ShareSize.check(request: memory, limit: limit, pool: request.pool)
            amount = .share(ShareSize(request: memory, limit: limit, unit: shared.unit))
            (terms, asked) = (shared, (memory, limit))
        case (_, .whole): throw .amountMismatch(pool: request.pool, reason: "it gives whole cards")
        case (_, .mig): throw .amountMismatch(pool: request.pool, reason: "it gives MIG instances")
        case (_, .shared): throw .amountMismatch(pool: request.pool, reason: "it gives memory shares")
        }
    }

    /// The same on one node only.
    func restricted(to node: String) -> Demand {
        var demand = self
        demand.onlyNode = node
        return demand
    }

    /// What a share has to find.
    enum Fitting: Sendable {
        /// Room on one device, by what is expected to be there.
        case oneCard
        /// That, and room on one device of the node wherever the shares are whose card is not known.
        case oneCardForCertain
        /// Room on one node.
        case severalCards
    }

    /// What is to go to one node is a pod that has its card already.
    var fitting: Fitting {
        if pool.backend.splitsOverCards { return .severalCards }
        return pool.backend.cardChoice == .unknown && onlyNode == nil ? .oneCardForCertain : .oneCard
    }

    func allows(_ device: Device) -> Bool { onlyNode == nil || device.node == onlyNode }

    private static func atLeastOne(_ count: Int, _ pool: String) throws(LedgerError) -> Int {
        guard count >= 1 else { throw .amountMismatch(pool: pool, reason: "\(count) is not an amount") }
        return count
    }

    /// A share as it is counted on `device`.
    ///
    /// A pod asks its node for units and cannot say of which card. Where they are not all of one size there, it asks
    /// for as many as the smallest need, and takes that many of whichever card it gets.
    func size(_ pooled: ShareSize, on device: Device) -> ShareSize {
        guard known.hasOwnUnits, let asked, let terms else { return pooled }
        let unit = device.unit ?? terms.unit
        let smallest = known.unit(onNode: device.nodeNumber) ?? unit
        return ShareSize(request: asked.request, limit: asked.limit, smallestUnit: smallest, unit: unit)
    }
}

extension DeviceCatalogue.PoolDevices {
    /// The smallest there, by which a pod asks; nil where the pool gives no shares.
    func unit(onNode node: Int) -> MiB? {
        guard let terms = pool.sharedTerms, let range = ranges.first(where: { $0.node == node }) else { return nil }
        guard hasOwnUnits else { return terms.unit }
        return devices[range.devices].map { $0.unit ?? terms.unit }.min()
    }
}

/// A share as it is counted: the request in whole units, and a limit that is never below it.
struct ShareSize: Hashable, Sendable {
    let units: Int
    let memory: MiB
    let limit: MiB

    init(units: Int, memory: MiB, limit: MiB) { (self.units, self.memory, self.limit) = (units, memory, limit) }

    init(request: MiB, limit: MiB, unit: MiB) {
        self.init(request: request, limit: limit, smallestUnit: unit, unit: unit)
    }

    init(request: MiB, limit: MiB, smallestUnit: MiB, unit: MiB) {
        // Above any memory it is too large whatever it says, and the arithmetic stays in range.
        let most = Inventory.memoryRange.upperBound + 1
        let asked = min(request.count, most)
        units = asked / smallestUnit.count + (asked % smallestUnit.count == 0 ? 0 : 1)
        let (product, isTooLarge) = units.multipliedReportingOverflow(by: unit.count)
        memory = MiB(isTooLarge ? most : min(product, most))
        self.limit = max(MiB(min(limit.count, most)), memory)
    }

    static func check(request: MiB, limit: MiB, pool: String) throws(LedgerError) {
        guard request.count >= 1 else {
            throw .amountMismatch(pool: pool, reason: "a share of \(request.count) MiB is not an amount")
        }
        guard limit >= request else {
            throw .amountMismatch(pool: pool, reason: "the limit of \(limit) is below the request of \(request)")
        }
    }
}
