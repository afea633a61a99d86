// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HubAPI
import Identity
import SpawnModel

extension Problem {
    private static let message = "This address is for the operators of the hubs."

    static func noSuchAdminPath(isOpen: Bool) -> Problem {
        Problem(
            status: 404, code: "not-found",
            detail: isOpen ? "there is no such admin route" : "`admin` in the configuration opens /v1/admin",
            userMessage: message)
    }

    static func adminMethod(_ method: String) -> Problem {
        Problem(
            status: 405, code: "method-not-allowed", detail: "this route takes \(method) only", userMessage: message)
    }

    static let adminTokenMissing = Problem(
        status: 401, code: "admin-token-missing",
        detail: "the request has no `Authorization: Bearer TOKEN`", userMessage: message)

    /// The same words whatever is wrong with it.
    static let adminTokenInvalid = Problem(
        status: 401, code: "admin-token-invalid",
        detail: "the token is none of `admin.tokens`, no hub or issuer of `admin` vouches for it, or it gives no role",
        userMessage: message)

    static let adminTooManyFailures = Problem(
        status: 429, code: "admin-too-many-failures",
        detail: "too many tokens were refused in the last minute, so that no further unknown one is looked at",
        userMessage: message, retryAfter: .seconds(30))

    static func adminHubAway(_ deployment: String, _ reason: String) -> Problem {
        Problem(
            status: 503, code: "admin-hub-unreachable",
            detail: "the hub of \(deployment) cannot be asked about the token: \(reason)", userMessage: message,
            retryAfter: .seconds(10))
    }

    static func adminIssuerAway(_ error: IssuerError) -> Problem {
        Problem(
            status: 503, code: error.code, detail: "\(error)", userMessage: message, retryAfter: .seconds(30))
    }

    static func roleTooLow(_ caller: AdminCaller, needs role: AdminRole) -> Problem {
        Problem(
            status: 403, code: "role-too-low",
            detail: "\(caller.name) is \(caller.role.rawValue), and this needs \(role.rawValue)",
            userMessage: "You may look at this, and not change it.")
    }

    static func adminMalformed(_ path: String, _ fault: String) -> Problem {
        Problem(status: 422, code: "admin-request-invalid", detail: "\(path) \(fault)", userMessage: message)
    }

    static func nodeUnknown(_ node: String) -> Problem {
        Problem(
            status: 404, code: "node-unknown", detail: "the inventory has no node \(node)", userMessage: message)
    }

    static func podAlive(_ reservation: Reservation) -> Problem {
        Problem(
            status: 409, code: "pod-alive",
            detail:
                "the pod of reservation \(reservation.id) is seen alive, so that its GPU is in use: stop the server "
                + "first, or say `force: true`",
            userMessage: message)
    }

    static func reservationEnded(_ reservation: Reservation) -> Problem { Problem(LedgerError.ended(reservation)) }

    static func cannotExtend(
        _ reservation: Reservation, _ why: String, code: String = "cannot-extend"
    ) -> Problem {
        Problem(status: 409, code: code, detail: "reservation \(reservation.id) \(why)", userMessage: message)
    }

    static func unknownReservation(_ id: String) -> Problem { Problem(LedgerError.unknownReservation(id: id)) }
}
