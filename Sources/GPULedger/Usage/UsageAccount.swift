// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Who and what is charged for a reservation's use: fixed with the grant.
struct UsageAccount: Hashable, Sendable {
    let deployment: String
    let user: String
    /// The group that pays; empty for none.
    let payerGroup: String
    /// The profile's slug; empty where the caller names none.
    let profile: String
    let pool: String
}

/// What a reservation costs in each second of its use: fixed with the grant, so that a pool that changes or goes later
/// changes no account.
struct UsagePrice: Hashable, Sendable {
    /// 1000 for a whole card.
    let milliCards: Int
    /// What is guaranteed to it; of what is taken whole, all.
    let memory: MiB
}

extension ReservationRequest {
    func account(pool: String, payer: String?) -> UsageAccount {
        UsageAccount(
            deployment: server.deployment, user: server.user, payerGroup: payer ?? "", profile: profile, pool: pool)
    }
}

extension UsagePrice {
    /// Of what was placed for `demand`.
    init(_ places: [Place], of demand: Demand) {
        memory = places.reduce(MiB(0)) { $0 + $1.memory }
        milliCards =
            switch demand.amount {
            case .devices(let count, as: .mig): count * (demand.devices.first?.price.count ?? 1000)
            case .devices(let count, as: _): count * 1000
            // Of the smallest device that it may land on, so that the price does not hang on where it lands.
            case .share(let size): demand.devices.map { $0.price(ofShare: size.memory) }.max() ?? 0
            }
    }
}

extension Device {
    fileprivate var price: MilliCards {
        guard let profile else { return .cards(1) }
        return .instances(1, of: profile, memory: memory, onCardOf: cardMemory)
    }

    /// Of a share of a MIG instance, its part of the instance.
    fileprivate func price(ofShare share: MiB) -> Int {
        (price.count * share.count + memory.count - 1) / memory.count
    }
}
