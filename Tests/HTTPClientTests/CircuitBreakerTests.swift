// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import Testing

@Suite struct CircuitBreakerTests {
    private let start = ContinuousClock.Instant.now
    private var settings: CircuitBreaker.Settings {
        var settings = CircuitBreaker.Settings()
        settings.failuresMax = 3
        settings.coolDown = .seconds(10)
        return settings
    }

    /// A breaker that has just opened, at `start`.
    private func opened() throws -> Subject {
        let breaker = Subject(settings)
        for _ in 0..<3 { breaker.tell(.failure, of: try breaker.pass(at: start), at: start) }
        return breaker
    }

    @Test func `it opens after so many failures in a row, and says for how long`() throws {
        let breaker = Subject(settings)
        for _ in 0..<2 { breaker.tell(.failure, of: try breaker.pass(at: start), at: start) }
        #expect(breaker.passes(at: start))
        breaker.tell(.failure, of: try breaker.pass(at: start), at: start)
        #expect(breaker.refusal(at: start) == .seconds(10))
        #expect(breaker.refusal(at: start + .seconds(4)) == .seconds(6))
        #expect(breaker.breaker.refuses(at: start + .seconds(9)))
    }

    @Test func `a success in between begins the count anew`() throws {
        let breaker = Subject(settings)
        for outcome in [CircuitBreaker.Outcome.failure, .failure, .success, .failure, .failure] {
            breaker.tell(outcome, of: try breaker.pass(at: start), at: start)
        }
        #expect(!breaker.breaker.refuses(at: start))
    }

    @Test func `what says nothing about the peer is not counted`() throws {
        let breaker = Subject(settings)
        for outcome in [CircuitBreaker.Outcome.failure, .failure, .unknown, .failure] {
            breaker.tell(outcome, of: try breaker.pass(at: start), at: start)
        }
        #expect(breaker.breaker.refuses(at: start))
    }

    @Test func `after the cool-down one may ask, and its success lets all in`() throws {
        let breaker = try opened()
        let later = start + .seconds(10)
        let probe = try breaker.pass(at: later)
        #expect(breaker.refusal(at: later) == .seconds(10))
        breaker.tell(.success, of: probe, at: later)
        #expect(breaker.passes(at: later))
        #expect(breaker.breaker.isAtRest)
    }

    @Test func `a probe that fails opens it for another cool-down`() throws {
        let breaker = try opened()
        let later = start + .seconds(10)
        breaker.tell(.failure, of: try breaker.pass(at: later), at: later + .seconds(1))
        #expect(breaker.refusal(at: later + .seconds(1)) == .seconds(10))
    }

    @Test func `a probe that was cancelled, or of which nothing is heard, makes way for the next`() throws {
        let breaker = try opened()
        let later = start + .seconds(10)
        breaker.tell(.unknown, of: try breaker.pass(at: later), at: later)
        #expect(breaker.passes(at: later))
        #expect(!breaker.passes(at: later + .seconds(9)))
        #expect(breaker.passes(at: later + .seconds(10)))
    }

    @Test func `what was begun before it opened neither closes it nor keeps it open`() throws {
        let breaker = Subject(settings)
        let slow = try breaker.pass(at: start)
        for _ in 0..<3 { breaker.tell(.failure, of: try breaker.pass(at: start), at: start) }
        breaker.tell(.success, of: slow, at: start)
        #expect(breaker.breaker.refuses(at: start))
        let later = start + .seconds(10)
        let probe = try breaker.pass(at: later)
        breaker.tell(.failure, of: slow, at: later)
        breaker.tell(.success, of: probe, at: later)
        #expect(!breaker.breaker.refuses(at: later))
    }
}

/// A breaker that the macros' closures can change.
private final class Subject {
    struct Refused: Error {}

    var breaker: CircuitBreaker

    init(_ settings: CircuitBreaker.Settings) { breaker = CircuitBreaker(settings) }

    func pass(at now: CircuitBreaker.Time) throws -> CircuitBreaker.Pass {
        guard case .pass(let pass) = breaker.admit(at: now) else { throw Refused() }
        return pass
    }

    func passes(at now: CircuitBreaker.Time) -> Bool { (try? pass(at: now)) != nil }

    func refusal(at now: CircuitBreaker.Time) -> Duration? {
        if case .refused(let span) = breaker.admit(at: now) { span } else { nil }
    }

    func tell(_ outcome: CircuitBreaker.Outcome, of pass: CircuitBreaker.Pass, at now: CircuitBreaker.Time) {
        breaker.tell(outcome, of: pass, at: now)
    }
}
