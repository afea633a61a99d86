// SPDX-License-Identifier: Apache-2.0

/// Spares a peer that keeps failing, and those who would wait for it.
///
/// Closed: all may ask. After `failuresMax` failures in a row it opens, and nobody may until the cool-down is over. Then
/// one may, the probe: its success closes the breaker, its failure opens it again. A probe of which nothing is heard
/// is given up after another cool-down.
package struct CircuitBreaker: Sendable {
    package typealias Time = ContinuousClock.Instant

    package struct Settings: Hashable, Sendable {
        package var failuresMax = 5
        package var coolDown = Duration.seconds(10)

        package init() {}
    }

    /// Leave to ask; what comes of it is told back with it.
    package struct Pass: Sendable {
        fileprivate let period: UInt64
    }

    package enum Admission: Sendable {
        case pass(Pass)
        case refused(retryAfter: Duration)
    }

    package enum Outcome: Sendable {
        case success
        case failure
        /// Says nothing about the peer: the request was cancelled, say.
        case unknown
    }

    private enum State {
        case closed(failures: Int)
        case open(until: Time)
        case probing(until: Time)
    }

    private let settings: Settings
    private var state = State.closed(failures: 0)
    /// Counts the changes between closed, open and probing. What was begun in an earlier period says nothing any more.
    private var period: UInt64 = 0

    package init(_ settings: Settings) { self.settings = settings }

    /// It holds nothing that a new one would not.
    package var isAtRest: Bool {
        if case .closed(failures: 0) = state { true } else { false }
    }

    package mutating func admit(at now: Time) -> Admission {
        switch state {
        case .closed: return .pass(Pass(period: period))
        case .open(let end) where now < end, .probing(let end) where now < end:
            return .refused(retryAfter: end - now)
        case .open, .probing:
            enter(.probing(until: now + settings.coolDown))
            return .pass(Pass(period: period))
        }
    }

    /// Whether `admit` would refuse.
    package func refuses(at now: Time) -> Bool {
        switch state {
        case .closed: false
        case .open(let end), .probing(let end): now < end
        }
    }

    package mutating func tell(_ outcome: Outcome, of pass: Pass, at now: Time) {
        guard pass.period == period else { return }
        switch (state, outcome) {
        case (.closed, .success): state = .closed(failures: 0)
        case (.probing, .success): enter(.closed(failures: 0))
        case (.closed(let failures), .failure) where failures + 1 < settings.failuresMax:
            state = .closed(failures: failures + 1)
        case (.closed, .failure), (.probing, .failure): enter(.open(until: now + settings.coolDown))
        case (.probing, .unknown): enter(.open(until: now))
        case (.closed, .unknown), (.open, _): break
        }
    }

    private mutating func enter(_ next: State) {
        state = next
        period += 1
    }
}
