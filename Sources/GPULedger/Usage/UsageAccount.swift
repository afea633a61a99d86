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

extension ReservationRequest {
    func account(pool: String, payer: String?) -> UsageAccount {
        UsageAccount(
            deployment: server.deployment, user: server.user, payerGroup: payer ?? "", profile: profile, pool: pool)
    }
}
