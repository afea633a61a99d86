// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The breakers of a client, one an origin, shared by its loops.
final class Breakers: Sendable {
    private let settings: CircuitBreaker.Settings
    /// Only those that are not at rest.
    private let breakers = Mutex<[Origin: CircuitBreaker]>([:])

    /// Origins may come from redirects, and so from anybody: beyond this, one makes room for the next.
    private static let countMax = 1024

    init(_ settings: CircuitBreaker.Settings) { self.settings = settings }

    func admit(_ origin: Origin, at now: CircuitBreaker.Time) throws(HTTPClientError) -> CircuitBreaker.Pass {
        switch change(origin, { $0.admit(at: now) }) {
        case .pass(let pass): return pass
        case .refused(let span): throw .circuitOpen(origin, retryAfter: span)
        }
    }

    func isOpen(_ origin: Origin, at now: CircuitBreaker.Time) -> Bool {
        breakers.withLock { $0[origin]?.refuses(at: now) ?? false }
    }

    func tell(_ outcome: CircuitBreaker.Outcome, of pass: CircuitBreaker.Pass, from origin: Origin) {
        change(origin) { $0.tell(outcome, of: pass, at: .now) }
    }

    @discardableResult
    private func change<Value>(_ origin: Origin, _ change: (inout CircuitBreaker) -> sending Value) -> sending Value {
        breakers.withLock { breakers in
            var breaker = breakers[origin] ?? CircuitBreaker(settings)
            let value = change(&breaker)
            breakers[origin] = breaker.isAtRest ? nil : breaker
            if breakers.count > Breakers.countMax, let other = breakers.keys.first(where: { $0 != origin }) {
                breakers[other] = nil
            }
            return value
        }
    }
}
