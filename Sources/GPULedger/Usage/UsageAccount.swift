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
    func account(pool: String) -> UsageAccount {
        UsageAccount(
            deployment: server.deployment, user: server.user, payerGroup: payerGroup, profile: profile, pool: pool)
    }
}

extension UsagePrice {
    /// Of what was placed for `demand`.
    init(_ places: [Place], of demand: Demand) {
        memory = places.reduce(MiB(0)) { $0 + $1.memory }
        milliCards =
            switch demand.amount {
            case .devices(let count, as: .mig): count * (demand.devices.first?.milliCards ?? 1000)
            case .devices(let count, as: _): count * 1000
            // Of the smallest device that it may land on, so that the price does not hang on where it lands.
            case .share(let size): demand.devices.map { $0.milliCards(ofShare: size.memory) }.max() ?? 0
            }
    }
}

extension Device {
    /// A card's 1000, or of a MIG instance the larger of its parts of compute and memory, rounded up. A100 and later
    /// have 7 slices of compute and 8 of memory; an A30 has 4 and 4.
    var milliCards: Int {
        guard let profile, let compute = profile.name.first?.wholeNumberValue, cardMemory.count > 0 else { return 1000 }
        let isOfFour = cardMemory.count < 25 * 1024 && ["1g.6gb", "2g.12gb", "4g.24gb"].contains {
            profile.name == $0 || profile.name.hasPrefix($0 + "+")
        }
        let (ofCompute, ofMemory) = isOfFour ? (4, 4) : (7, 8)
        let memorySlices = (memory.count * ofMemory * 2 / cardMemory.count + 1) / 2
        return min(1000, max((1000 * compute).dividedUp(by: ofCompute), (1000 * memorySlices).dividedUp(by: ofMemory)))
    }

    /// In proportion to the memory that is guaranteed.
    func milliCards(ofShare share: MiB) -> Int { (milliCards * share.count).dividedUp(by: memory.count) }
}

extension Int {
    /// Both above 0.
    fileprivate func dividedUp(by divisor: Int) -> Int { (self + divisor - 1) / divisor }
}
