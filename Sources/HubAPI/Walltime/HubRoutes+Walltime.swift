// SPDX-License-Identifier: Apache-2.0
package import Configuration
import GPULedger
import HTTPServer
import JSONTree
import Logging
package import SpawnModel
package import Telemetry

extension HubRoutes {
    /// How long the user's server may still run; with `extend: true`, after one more span that policy lets users add.
    func walltime(_ call: HubCall) async throws(Problem) -> HTTPResponse {
        let wantsMore = try HubCall.flag("extend", call.body["extend"])
        let live = try await live(call.server)
        let walltime =
            wantsMore
            ? try await extended(live, at: call.site, call.id) : try await walltime(of: live, at: call.site)
        diary.allowed(
            call, code: wantsMore ? "extended" : "told", level: wantsMore ? .info : .debug,
            [
                "reservation_id": .string(live.id)
            ])
        return .ok(walltime.json(at: now()).bytes, to: call.id)
    }

    /// The tokens that its server was started with.
    package func handOffs(of reservation: Reservation) -> [TokenHandOff] {
        SessionTerms(reservation.terms)?.tokens ?? []
    }

    private func live(_ server: ServerID) async throws(Problem) -> Reservation {
        var filter = ReservationFilter()
        (filter.deployment, filter.user) = (server.deployment, server.user)
        let live: [Reservation]
        do { live = try await ledger.reservations(filter, most: Ledger.listMax) } catch { throw Problem(error) }
        guard let reservation = live.first(where: { $0.server == server }) else { throw .noSession }
        return reservation
    }

    package func walltime(of reservation: Reservation, at site: Site) async throws(Problem) -> SessionWalltime {
        let terms = SessionTerms(reservation.terms)
        return SessionWalltime(
            reservation, terms, added: try await added(to: reservation, terms), idle: idle(reservation), at: site)
    }

    /// What its user has added so far; asked of the ledger only where they may.
    private func added(to reservation: Reservation, _ terms: SessionTerms?) async throws(Problem) -> Duration {
        guard terms?.extending != nil else { return .zero }
        do throws(LedgerError) { return try await ledger.extended(reservation.id, by: reservation.usersAuthor) } catch {
            throw Problem(error)
        }
    }

    /// Adds one span, on the word of the server's user.
    package func extended(
        _ reservation: Reservation, at site: Site, _ id: RequestID
    ) async throws(Problem) -> SessionWalltime {
        guard let allowed = SessionTerms(reservation.terms)?.extending else { throw .extensionNotAllowed }
        let author = Operator(
            name: reservation.usersAuthor, role: "user", reason: "the server's user asked for it",
            requestID: id.description)
        guard let span = try await walltime(of: reservation, at: site).extending?.by else { throw .extensionUsedUp }
        let terms = OperatorExtensionTerms(
            span, under: site.quotas, podGrace: site.deadlineSlack(of: reservation), authorsMost: allowed.most)
        let outcome: OperatorExtension
        do { outcome = try await ledger.extend(reservation.id, by: author, terms, now: now()) } catch {
            throw Problem(error)
        }
        switch outcome {
        case .extended(let reservation, _): return try await walltime(of: reservation, at: site)
        case .refused(_, let obstacles): throw .extensionRefused(obstacles)
        case .usedUp: throw .extensionUsedUp
        case .hasNoEnd: throw .extensionTooEarly
        case .tooLong: throw .extensionUsedUp
        case .ended, .unknown: throw .noSession
        }
    }
}

extension Reservation {
    /// The server's user, as the audit names them.
    fileprivate var usersAuthor: String { "user/\(server.deployment)/\(server.user)" }
}
