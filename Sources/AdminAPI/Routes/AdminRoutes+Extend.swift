// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HTTPServer
import HubAPI
import JSONTree
import PodPatching
import SpawnModel

extension AdminRoutes {
    /// Lets a session run longer: not at others' cost, unless `force` says so.
    func extend(_ id: String, _ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.members("reason", "minutes", "force")
        let most = Int(Ledger.extensionMax.wholeSeconds / 60)
        guard let minutes = call.body["minutes"]?.int, (1...most).contains(minutes) else {
            throw .adminMalformed("`minutes`", "must be 1 to \(most)")
        }
        let author = try call.author()
        let isForced = try call.flag("force")
        let outcome: OperatorExtension
        do throws(LedgerError) {
            guard let reservation = try await ledger.reservation(id) else { throw .unknownReservation(id: id) }
            let terms = OperatorExtensionTerms(
                .seconds(minutes * 60), under: call.site.quotas, podGrace: call.site.deadlineSlack(of: reservation),
                isForced: isForced)
            outcome = try await ledger.extend(id, by: author, terms, now: call.now)
        } catch { throw Problem(error) }
        switch outcome {
        case .extended(let reservation, let obstacles):
            return call.ok([
                "outcome": "extended", "reservation": reservation.listed,
                "warnings": JSON(obstacles.map { JSON($0.sentence) }),
            ])
        case .refused(let reservation, let obstacles): throw .extensionRefused(reservation, obstacles)
        case .ended(let reservation): throw .reservationEnded(reservation)
        case .hasNoEnd(let reservation):
            throw .cannotExtend(reservation, "has no end yet: its walltime has not begun, or it has none")
        case .usedUp(let reservation): throw .cannotExtend(reservation, "has all that this caller may add")
        case .unknown: throw .unknownReservation(id)
        case .tooLong(let reservation):
            throw .cannotExtend(reservation, "would end more than \(Ledger.extensionMax.words) from now")
        }
    }
}

extension Problem {
    fileprivate static func extensionRefused(_ reservation: Reservation, _ obstacles: [ExtensionObstacle]) -> Problem {
        cannotExtend(
            reservation,
            "is not extended. " + obstacles.map(\.sentence).joined(separator: " ")
                + " With `force: true` it is extended all the same.", code: "extension-refused")
    }
}

extension ExtensionObstacle {
    fileprivate var sentence: String {
        switch self {
        case .waiting(let count): "\(count) in the waiting list \(count == 1 ? "waits" : "wait") longer for it."
        case .borrowed: "It runs on quota that other groups leave idle, and they were told until when."
        case .quota(let quota):
            "\(quota.scope.words) would be over its GPU-hours before they begin anew at "
                + "\(quota.resetsAt.map { "\($0)" } ?? "the next period")."
        case .podDeadline(let end):
            "Kubernetes may end its pod at \(end), since a pod's `activeDeadlineSeconds` cannot be raised; "
                + "`pod.extension_max` leaves room for extensions in pods that are made from then on."
        }
    }
}

extension QuotaScope {
    fileprivate var words: String {
        switch self {
        case .user(let deployment, let name): "User \(deployment)/\(name)"
        case .group(let name?): "Group \(name)"
        case .group(nil): "Use without a group"
        case .deployment(let name): "Deployment \(name)"
        case .pool(let name): "Pool \(name)"
        }
    }
}
