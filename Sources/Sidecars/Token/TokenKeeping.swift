// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// How one token stands: when it is renewed, until when the one that is there is good. Without a clock of its own.
package struct TokenKeeping: Hashable, Sendable {
    package enum State: String, Sendable {
        case ok
        /// It cannot be renewed at the moment; the one that is there is good until it expires.
        case stale
        /// The user has to log in again.
        case loginExpired = "login-expired"
        /// Berth does not give it.
        case refused
    }

    package private(set) var state = State.stale
    package private(set) var detail: String?
    /// Of the token that is there, by `ClockReading.sinceBoot`; nil when there is none.
    package private(set) var expiry: Duration?
    package private(set) var expiresAt: Instant?
    package private(set) var renewedAt: Instant?
    /// When Berth is asked again.
    package private(set) var renewal = Duration.zero
    private var backoff = Backoff()

    package init() {}

    /// With a token that an earlier run left.
    package init(expiry: Duration, expiresAt: Instant) {
        self.expiry = expiry
        self.expiresAt = expiresAt
    }

    /// At half its life or five minutes before its end, whichever comes first, but not before a third of its life: a
    /// token of some minutes would be renewed again and again.
    package static func renewal(ofLife life: Duration, random: Double) -> Duration {
        let wanted = max(life / 3, min(life / 2, life - .seconds(300)))
        return max(.seconds(1), wanted * (0.9 + random / 5))
    }

    /// A token was written.
    ///
    /// - Parameters:
    ///   - asked: when Berth was asked for it; its life is counted from there.
    ///   - random: from 0 up to 1.
    package mutating func received(
        life: Duration, expiresAt: Instant?, warning: String? = nil, asked: ClockReading, random: Double
    ) {
        (state, detail, renewedAt) = (.ok, warning, asked.wall)
        expiry = asked.sinceBoot + life
        self.expiresAt = expiresAt ?? asked.wall + life
        renewal = asked.sinceBoot + TokenKeeping.renewal(ofLife: life, random: random)
        backoff.reset()
    }

    package mutating func failed(_ error: SidecarError, at now: Duration, random: Double) {
        switch error {
        case .refused(let refusal) where refusal.code == "login-expired": state = .loginExpired
        case .refused: state = .refused
        case .away, .unexpected, .credentialUnreadable, .fileNotWritten, .environment, .ended: state = .stale
        }
        detail = error.description
        renewal = now + backoff.pause(asked: error.retryAfter, random: random)
    }

    package func isExpired(at now: Duration) -> Bool { expiry.map { $0 <= now } ?? false }

    /// The expired token was taken away.
    package mutating func noteTakenAway() { (expiry, expiresAt) = (nil, nil) }

    /// How long there is nothing to do.
    package func quiet(at now: Duration) -> Duration { max(.zero, min(renewal, expiry ?? renewal) - now) }
}
