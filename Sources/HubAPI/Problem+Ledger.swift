// SPDX-License-Identifier: Apache-2.0
package import GPULedger
import SpawnModel

extension Problem {
    /// Policy and inventory do not fit together.
    static let poolMisconfigured = "pool-misconfigured"

    package init(_ error: LedgerError) {
        switch error {
        case .notWritable, .corrupt:
            self.init(
                status: 503, code: "ledger-unavailable", detail: "\(error)",
                userMessage: "Nothing can be started now: the record of running servers cannot be written. The hub's "
                    + "operators have to mend this; try again in some minutes.",
                retryAfter: .seconds(30))
        case .overloaded:
            self.init(
                status: 429, code: "ledger-overloaded", detail: "\(error)",
                userMessage: "Too many servers are being started at this moment. Try again in a minute.",
                retryAfter: .seconds(5))
        case .closed:
            self.init(
                status: 503, code: "stopping", detail: "\(error)",
                userMessage: "The service that places servers is being restarted. Try again in a minute.",
                retryAfter: .seconds(10))
        case .inventoryFault, .unknownPool, .amountMismatch:
            self.init(
                status: 500, code: Self.poolMisconfigured, detail: "\(error)",
                userMessage: "The GPU that you chose is not set up correctly. Choose another profile, and please tell "
                    + "the hub's operators.")
        case .startConflict:
            self.init(
                status: 409, code: "start-conflict", detail: "\(error)",
                userMessage: "Your server is already being started with another choice. Stop it, then start it again.")
        case .startEnded:
            self.init(
                status: 409, code: "start-ended", detail: "\(error)",
                userMessage: "This start of your server is over. Start it again.")
        case .unknownReservation:
            self.init(
                status: 404, code: "reservation-unknown", detail: "\(error)",
                userMessage: "Your server's place is not known any more. Start it again.")
        case .notYours:
            self.init(status: 403, code: "reservation-not-yours", detail: "\(error)", userMessage: Self.hubFaultMessage)
        case .ended(let reservation):
            self.init(
                status: 409, code: "reservation-ended", detail: "\(error)",
                userMessage: Self.message(ofEnded: reservation.state))
        case .clusterUnseen:
            self.init(
                status: 503, code: "cluster-unseen", detail: "\(error)",
                userMessage:
                    "Which GPUs are free is not known at this moment. Try again in a minute, or choose a profile "
                    + "without a GPU.",
                retryAfter: .seconds(10))
        case .rebuilding:
            self.init(
                status: 503, code: "ledger-rebuilding", detail: "\(error)",
                userMessage:
                    "The record of running servers is being made anew. Try again in a few minutes, or choose a "
                    + "profile without a GPU.",
                retryAfter: .seconds(60))
        case .fenced:
            self.init(
                status: 503, code: "ledger-fenced", detail: "\(error)",
                userMessage: "The service that places servers is changing over. Try again in a minute.",
                retryAfter: .seconds(5))
        }
    }

    private static func message(ofEnded state: Reservation.State) -> String {
        switch state {
        case .cancelled: "Your server's GPU was taken out of use before the server started. Start it again."
        case .failed: "The machine refused your server's GPU. Start it again; it will go elsewhere."
        case .held, .bound, .running, .overdue, .releasing, .lost, .released, .expired:
            "Your server's place was given up because it took too long to start. Start it again."
        }
    }
}
