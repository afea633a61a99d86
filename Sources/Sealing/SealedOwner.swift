// SPDX-License-Identifier: Apache-2.0

/// What a second seal says of a pod with a GPU: whose it is and what it was given. By it a reservation that the journal has
/// lost is made anew; everything that is written then is in here.
package struct SealedOwner: Sendable, Hashable, Sealable {
    package let reservationID: String
    package let deployment: String
    package let namespace: String
    package let pod: String
    package let user: String
    /// The server's name; empty for the user's default server.
    package let server: String
    package let pool: String
    /// As the pod's annotation has it.
    package let amount: String
    /// Nil for no limit.
    package let walltimeSeconds: Int64?

    package init(
        reservationID: String, deployment: String, namespace: String, pod: String, user: String, server: String,
        pool: String, amount: String, walltimeSeconds: Int64?
    ) {
        self.reservationID = reservationID
        self.deployment = deployment
        self.namespace = namespace
        self.pod = pod
        self.user = user
        self.server = server
        self.pool = pool
        self.amount = amount
        self.walltimeSeconds = walltimeSeconds
    }

    package var encoded: [UInt8] {
        let walltime = walltimeSeconds.map { String($0) } ?? ""
        return .lengthsAnd([
            "berth.io/owner-seal 1", reservationID, deployment, namespace, pod, user, server, pool, amount, walltime,
        ])
    }
}
