// SPDX-License-Identifier: Apache-2.0
import GPULedger
import HTTPServer
import HubAPI
import JSONTree
import LastUse
import SpawnModel

extension AdminRoutes {
    static let pageMost = 1000

    /// The newest first, page by page; those that are live unless states are named.
    func reservations(_ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.query.names("state", "user", "deployment", "pool", "older_than", "limit")
        let most = try call.query.number("limit", in: 1...Self.pageMost) ?? 200
        var filter = ReservationFilter()
        filter.states = try states(call.query["state"])
        filter.user = call.query["user"]
        filter.deployment = call.query["deployment"]
        filter.pool = call.query["pool"]
        filter.olderThan = call.query["older_than"]
        var found: [Reservation]
        do { found = try await ledger.reservations(filter, most: most + 1) } catch { throw Problem(error) }
        let isMore = found.count > most
        if isMore { found.removeLast() }
        return try call.ok(
            AdminList(
                columns: [
                    "id", "state", "deployment", "user", "server", "pool", "amount", "devices", "ends_by",
                    "idle_ends_by",
                    "measured_percent", "measured_mib", "measured_at",
                ],
                items: found.map { measuredJSON($0, call) }, next: isMore ? found.last?.id : nil))
    }

    func reservation(_ id: String, _ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.query.names()
        return call.ok(measuredJSON(try await known(id), call))
    }

    private func measuredJSON(_ reservation: Reservation, _ call: AdminCall) -> JSON {
        reservation.listed.merged(with: idleJSON(reservation, call))
            .merged(with: ReservationUse(reservation, ledger, measured, now: call.now).json)
    }

    /// `unused_s` and `idle_ends_by`: null without an idle limit, and where nobody knows when the server was used.
    private func idleJSON(_ reservation: Reservation, _ call: AdminCall) -> JSON {
        let idle = reservation.state.isInUse ? hub.idle(reservation) : nil
        return [
            "unused_s": idle?.unused(at: call.now).map { JSON(Int($0.wholeSeconds)) } ?? .null,
            "idle_ends_by": idle?.endsAt.map { JSON($0.description) } ?? .null,
        ]
    }

    func known(_ id: String) async throws(Problem) -> Reservation {
        let found: Reservation?
        do { found = try await ledger.reservation(id) } catch { throw Problem(error) }
        guard let found else { throw .unknownReservation(id) }
        return found
    }

    /// `held,bound`, or `all`.
    private func states(_ text: String?) throws(Problem) -> [Reservation.State]? {
        guard let text else { return nil }
        if text == "all" { return Reservation.State.allCases }
        let states = text.split(separator: ",").map { Reservation.State(rawValue: String($0)) }
        let known = states.compactMap(\.self)
        guard !known.isEmpty, known.count == states.count else {
            let words = Reservation.State.allCases.map(\.rawValue).joined(separator: ", ")
            throw .adminMalformed("`state`", "must be `all`, or some of \(words)")
        }
        return known
    }
}

extension Reservation {
    /// As the hub's route shows it, and whose it is. Its terms stay out: they hold a user's claims in part.
    var listed: JSON {
        var json = self.json
        json["deployment"] = JSON(server.deployment)
        json["user"] = JSON(server.user)
        json["server"] = JSON(server.name)
        json["start"] = JSON(start.text)
        json["profile"] = profileSlug.map { JSON($0) } ?? .null
        json["pool"] = gpu.map { JSON($0.pool) } ?? .null
        json["amount"] = gpu.map { JSON($0.amountWords) } ?? .null
        json["devices"] = JSON(placement.map { JSON("\($0.node)/\($0.device)") })
        return json
    }
}

extension GPURequest {
    /// `2 cards`, `1 MIG instance`, `1024 MiB`.
    var amountWords: String {
        switch amount {
        case .cards(let count): "\(count) card\(count == 1 ? "" : "s")"
        case .migInstances(let count): "\(count) MIG instance\(count == 1 ? "" : "s")"
        case .share(let request, let limit):
            request == limit ? "\(request.count) MiB" : "\(request.count) MiB, at most \(limit.count)"
        }
    }
}
