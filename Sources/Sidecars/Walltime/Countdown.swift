// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// When a server ends, as far as is known, and what has been said of it. Without a clock of its own.
///
/// Times are readings of `ClockReading.sinceBoot`.
package struct Countdown: Hashable, Sendable {
    /// Nil while nothing counts down.
    package internal(set) var end: Duration?
    package internal(set) var warnBefore: [Duration] = []
    /// Those of `warnBefore` of which this end has been told.
    package internal(set) var warned: Set<Duration> = []
    /// Berth knows that the end has come, and does the rest.
    package internal(set) var isEndTold = false

    /// Readings of one end differ by the time that answers take; what is moved by less is not worth another notice.
    package var slack = Countdown.usualSlack
    package static let usualSlack = Duration.seconds(30)

    package enum Due: Hashable, Sendable {
        case notice(before: Duration)
        case end
    }

    package enum Move: Hashable, Sendable {
        case later, earlier
    }

    package init() {}
    /// Until Berth has said something: `walltime` from now, with the usual notices.
    package init(walltime: Duration, at now: Duration) {
        end = now + walltime
        warnBefore = [.seconds(900), .seconds(300)]
    }

    package func left(at now: Duration) -> Duration? { end.map { max(.zero, $0 - now) } }

    /// Takes over what Berth says, and tells whether the end was moved.
    ///
    /// - Parameter asked: when Berth was asked. Its answer was true later, so we are a little early; the end itself is
    ///   for Berth to confirm.
    package mutating func hear(left: Duration?, warnBefore: [Duration], asked: Duration) -> Move? {
        self.warnBefore = warnBefore
        guard let left else {
            warned = []
            end = nil
            return nil
        }
        let before = end
        end = asked + left
        if left > slack { isEndTold = false }
        // Those that come again.
        warned = warned.filter { $0 + slack > left }
        guard let before, let end else { return nil }
        if end > before + slack { return .later }
        return end < before - slack ? .earlier : nil
    }

    /// Berth does not stop the server yet.
    package mutating func hearNotDue(left: Duration?, asked: Duration) {
        // An answer that says both would have us ask again at once.
        end = left.map { asked + max($0, .seconds(1)) }
    }

    package mutating func hearStopping() { isEndTold = true }

    /// What is to be done now; nil is nothing.
    package func due(at now: Duration) -> Due? {
        guard let left = left(at: now) else { return nil }
        if left == .zero { return isEndTold ? nil : .end }
        return warnBefore.last { left <= $0 && !warned.contains($0) }.map { .notice(before: $0) }
    }

    /// Notes that the notice was given; of longer spans, which have passed too, none will be.
    package mutating func noteNotice(before span: Duration) { warned.formUnion(warnBefore.filter { $0 >= span }) }

    /// How long nothing becomes due; nil where nothing will.
    package func quiet(at now: Duration) -> Duration? {
        guard let left = left(at: now), due(at: now) == nil, left > .zero else { return end == nil ? nil : .zero }
        let next = warnBefore.first { $0 < left && !warned.contains($0) } ?? .zero
        return left - next
    }
}
