// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// A request in the measure of its pool, checked: what placement works on.
struct Demand: Sendable {
    enum Amount: Sendable {
        /// So many devices as a whole, all on one node.
        case devices(Int, as: Hold.Mode)
        case share(ShareSize)
    }

    let pool: Pool
    let amount: Amount
    /// Where it may go, in the order of node, card and id.
    let devices: [Device]
    let terms: Pool.SharedTerms?

    /// - Throws: `LedgerError.unknownPool`, or `.amountMismatch` when the pool does not give such amounts.
    init(_ request: GPURequest, in catalogue: DeviceCatalogue) throws(LedgerError) {
        guard let known = catalogue[pool: request.pool] else { throw .unknownPool(request.pool) }
        pool = known.pool
        devices = known.devices
        switch (request.amount, known.pool.mode) {
        case (.cards(let count), .whole):
            amount = .devices(try Self.atLeastOne(count, request.pool), as: .whole)
            terms = nil
        case (.migInstances(let count), .mig):
            amount = .devices(try Self.atLeastOne(count, request.pool), as: .mig)
            terms = nil
        case (.share(let memory, let limit), .shared(let shared)):
            amount = .share(try ShareSize(request: memory, limit: limit, unit: shared.unit, pool: request.pool))
            terms = shared
        case (_, .whole): throw .amountMismatch(pool: request.pool, reason: "it gives whole cards")
        case (_, .mig): throw .amountMismatch(pool: request.pool, reason: "it gives MIG instances")
        case (_, .shared): throw .amountMismatch(pool: request.pool, reason: "it gives memory shares")
        }
    }

    private init(_ demand: Demand, devices: [Device]) {
        pool = demand.pool
        amount = demand.amount
        terms = demand.terms
        self.devices = devices
    }

    /// The same on one node only.
    func restricted(to node: String) -> Demand { Demand(self, devices: devices.filter { $0.node == node }) }

    private static func atLeastOne(_ count: Int, _ pool: String) throws(LedgerError) -> Int {
        guard count >= 1 else { throw .amountMismatch(pool: pool, reason: "\(count) is not an amount") }
        return count
    }
}

/// A share as it is counted: the request in whole units, and a limit that is never below it.
struct ShareSize: Hashable, Sendable {
    let units: Int
    let memory: MiB
    let limit: MiB

    init(request: MiB, limit: MiB, unit: MiB, pool: String) throws(LedgerError) {
        guard request.count >= 1 else {
            throw .amountMismatch(pool: pool, reason: "a share of \(request.count) MiB is not an amount")
        }
        guard limit >= request else {
            throw .amountMismatch(pool: pool, reason: "the limit of \(limit) is below the request of \(request)")
        }
        // Above any memory it is too large whatever it says, and the arithmetic stays in range.
        let most = Inventory.memoryRange.upperBound + 1
        let asked = min(request.count, most)
        units = asked / unit.count + (asked % unit.count == 0 ? 0 : 1)
        memory = MiB(units * unit.count)
        self.limit = max(MiB(min(limit.count, most)), memory)
    }
}
