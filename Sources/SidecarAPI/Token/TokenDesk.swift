// SPDX-License-Identifier: Apache-2.0
package import Configuration
package import HTTPClient
package import HubAPI
package import Identity
import JupyterHub
package import SpawnModel
import Synchronization
import Workers

/// Hands out users' access tokens: the hub, which alone has their refresh tokens, gives one that lasts, and it is
/// narrowed to the audience that the profile names.
///
/// However many sidecars ask, one question a user and audience is under way. What came of it is kept in memory until
/// the token is due to be renewed; why there was none, for a moment, unless the login has ended.
package final class TokenDesk: Sendable {
    static let refusalKept = Duration.seconds(10)
    static let againAfter = Duration.seconds(5)
    private static let underWayMost = 256

    let asking: any WebAsking
    let issuers: Issuers
    let now: @Sendable () -> Instant
    private let memory = AnswerMemory<Errand, Outcome>(most: 4096, weightMost: 32 << 20)
    private let underWay = Mutex<[Errand: Task<Outcome, Never>]>([:])

    typealias Outcome = Result<HandedToken, Problem>

    package init(asking: any WebAsking, issuers: Issuers, now: @escaping @Sendable () -> Instant) {
        self.asking = asking
        self.issuers = issuers
        self.now = now
    }

    /// A token for the server of `reservation`, as its terms name it.
    ///
    /// - Throws: `Problem` 403 `login-expired` where the user has to log in again; 503 with a time to come again where
    ///   hub or issuer is away, refuses Berth, or as many questions are under way as may be.
    package func accessToken(
        for handOff: TokenHandOff, of reservation: Reservation, at site: Site
    ) async throws(Problem) -> HandedToken {
        guard let deployment = site.deployment(reservation.server.deployment), let hub = deployment.hubAddress else {
            throw .hubUnknown
        }
        let errand = Errand(
            user: reservation.server.user, handOff: handOff, hub: hub, exchange: site.exchangeTerms(for: deployment))
        if let known = memory.answer(for: errand, at: now()) { return try known.get() }
        return try await task(errand).value.get()
    }

    /// The one that is under way, or a new one: nobody who gives up ends it for the others.
    private func task(_ errand: Errand) throws(Problem) -> Task<Outcome, Never> {
        let task = underWay.withLock { underWay -> Task<Outcome, Never>? in
            if let task = underWay[errand] { return task }
            guard underWay.count < Self.underWayMost else { return nil }
            let task = Task { await self.outcome(of: errand) }
            underWay[errand] = task
            return task
        }
        guard let task else { throw .tokensBusy }
        return task
    }

    private func outcome(of errand: Errand) async -> Outcome {
        let outcome: Outcome
        do throws(Problem) {
            outcome = .success(try await token(errand))
        } catch {
            outcome = .failure(error)
        }
        // Kept before it is no longer under way, so that nobody asks in between.
        keep(outcome, for: errand)
        underWay.withLock { $0[errand] = nil }
        return outcome
    }

    private func keep(_ outcome: Outcome, for errand: Errand) {
        let time = now()
        switch outcome {
        case .success(let handed):
            let left = handed.expiry - time
            let span = left >= TokenHandOff.leastLeft * 2 ? left - TokenHandOff.leastLeft : left / 2
            memory.keep(
                outcome, for: errand, until: time + span, now: time, weight: handed.accessToken.utf8.count)
        // Whoever logs in again and starts anew must not be stopped for the login before.
        case .failure(let problem) where problem.code == Problem.loginExpired.code: return
        case .failure(let problem):
            let span = min(problem.retryAfter ?? Self.refusalKept, Self.refusalKept)
            memory.keep(outcome, for: errand, until: time + span, now: time)
        }
    }
}

/// What is asked for; whatever may change the answer is in it.
struct Errand: Hashable, Sendable {
    let user: String
    let handOff: TokenHandOff
    let hub: HubAddress
    let exchange: IssuerTerms?
}
