// SPDX-License-Identifier: Apache-2.0
package import Sockets
internal import Synchronization

/// Asks other services over HTTP, from a task on any thread.
///
/// A task on one of the loops is served there; another one's request runs on one of them in turn. The loops must turn.
package final class HTTPClient: Sendable {
    let limits: HTTPClientLimits
    let breakers: Breakers
    private let loops: [ClientLoop]
    private let turn = Atomic<Int>(0)
    private let asked = Atomic<Int>(0)

    package init(loops: [EventLoop], trust: HTTPClientTrust = HTTPClientTrust(), limits: HTTPClientLimits = .init()) {
        precondition(!loops.isEmpty, "a client without a loop asks nobody")
        SignalWatch.ignoreBrokenPipes()
        self.limits = limits
        self.loops = loops.map { ClientLoop($0, trust: trust, limits: limits) }
        breakers = Breakers(limits.breaker)
    }

    deinit {
        for loop in loops { loop.closeSoon() }
    }

    /// The whole answer, of whatever status, after redirects and retries as far as the request allows them.
    ///
    /// A request that may be repeated is sent again when no answer came, or 502, 503 or 504; when it still is one of
    /// these after the last attempt, that answer is returned. Cancelling the task ends the transfer.
    package func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        asked.add(1, ordering: .relaxed)
        defer { asked.subtract(1, ordering: .relaxed) }
        var exchange = try Exchange(request, limits: limits, at: .now)
        for _ in 0...max(0, request.redirectsMax) {
            let response = try await answer(to: exchange)
            guard request.redirectsMax > 0, let next = try exchange.redirected(by: response) else { return response }
            exchange = next
        }
        throw .tooManyRedirects(exchange.origin, limit: request.redirectsMax)
    }

    /// Requests at this moment that have neither answer nor error yet, with those that pause between attempts.
    package var requestsAtHand: Int { asked.load(ordering: .relaxed) }

    /// Of these, the transfers that libcurl has at hand; all loops together.
    package var transfersRunning: Int { loops.reduce(0) { $0 + $1.runningCount } }

    /// Of these, the ones that wait for a connection; all loops together.
    package var requestsWaiting: Int { loops.reduce(0) { $0 + $1.waitingCount } }

    /// Takes no more requests (`closed`), waits for those that run, cuts off what is left after `deadline`, and closes
    /// all connections. Safe to call again.
    package func shutDown(deadline: Duration) async {
        await withTaskGroup { group in
            for loop in loops {
                group.addTask { await loop.drain(within: deadline) }
            }
        }
    }

    /// The loop that the caller runs on, or the next in turn.
    var loopForCaller: ClientLoop {
        if let own = loops.first(where: { $0.loop.isCurrent }) { return own }
        let number = turn.add(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: number) % UInt(loops.count))]
    }

    /// One attempt, through the peer's breaker.
    func attempt(_ exchange: Exchange) async -> Result<HTTPClientResponse, HTTPClientError> {
        do throws(HTTPClientError) {
            let pass = try breakers.admit(exchange.origin, at: .now)
            let result = await loopForCaller.perform(exchange)
            breakers.tell(result.outcome, of: pass, from: exchange.origin)
            return result
        } catch {
            return .failure(error)
        }
    }
}
