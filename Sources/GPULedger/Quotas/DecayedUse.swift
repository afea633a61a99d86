// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// Use that counts for less the longer ago it was: half after each half-life. It decays when it is looked at.
package struct DecayedUse: Hashable, Sendable {
    /// In milli-card-seconds, as of `at`.
    package let value: Int
    package let at: Instant

    package init(_ value: Int, at: Instant) {
        self.value = value
        self.at = at
    }

    /// A clock that was set back makes nothing grow.
    package func value(at now: Instant) -> Int {
        Decay.remaining(of: value, after: max(.zero, now - at))
    }

    /// With what a session of `milliCards` used in the time between, each second decayed by its own age.
    package func adding(milliCards: Int, from: Instant, to: Instant) -> DecayedUse {
        guard to > from else { return self }
        let end = max(at, to)
        let added = Decay.remaining(of: Decay.use(milliCards: milliCards, during: to - from), after: end - to)
        return DecayedUse(value(at: end) + added, at: end)
    }

    /// With the entry penalty of a session that is granted now, so that a burst of starts does not all see the same
    /// low use. It is what the session uses in the first `Decay.sampling`.
    package func addingEntry(milliCards: Int, at now: Instant) -> DecayedUse {
        adding(milliCards: milliCards, from: now, to: now + Decay.sampling)
    }
}

/// Powers of one half in whole numbers, so that every machine comes to the same order.
package enum Decay {
    /// Kueue's default for admission fair sharing.
    package static let halfLife = Duration.seconds(7 * 86_400)
    /// Kueue's sampling interval, from which its entry penalty follows.
    package static let sampling = Duration.seconds(300)

    private static let one: UInt64 = 1 << 62

    /// 0.5^(age / half-life) in 62 binary places.
    private static func factor(_ age: Duration) -> UInt64 {
        let span = UInt64(halfLife.wholeMilliseconds)
        let (halvings, rest) = UInt64(age.wholeMilliseconds).quotientAndRemainder(dividingBy: span)
        guard halvings < 62 else { return 0 }
        // The rest as a binary fraction: a root of one half for each of its places.
        var fraction = rest
        var factor = one
        for root in roots {
            fraction *= 2
            guard fraction >= span else { continue }
            fraction -= span
            factor = product(factor, root)
        }
        return factor >> halvings
    }

    /// 0.5^(1/2), 0.5^(1/4), …
    private static let roots: [UInt64] = {
        var roots: [UInt64] = []
        var last = one / 2
        for _ in 0..<32 {
            last = squareRoot(UInt128(last) << 62)
            roots.append(last)
        }
        return roots
    }()

    private static func squareRoot(_ number: UInt128) -> UInt64 {
        var (root, bit) = (UInt64(0), UInt64(1) << 62)
        while bit > 0 {
            let tried = root | bit
            if UInt128(tried) * UInt128(tried) <= number { root = tried }
            bit >>= 1
        }
        return root
    }

    private static func product(_ a: UInt64, _ b: UInt64) -> UInt64 { UInt64((UInt128(a) * UInt128(b)) >> 62) }

    static func remaining(of value: Int, after age: Duration) -> Int {
        Int((UInt128(max(0, value)) * UInt128(factor(age)) + UInt128(one / 2)) >> 62)
    }

    /// Kueue's A = 1 - 0.5^(span / half-life), in parts of 10^9.
    package static func gain(_ span: Duration) -> Int {
        Int((UInt128(one - factor(span)) * 1_000_000_000 + UInt128(one / 2)) >> 62)
    }

    /// What a session that runs for `span` comes to at its end: gain(span) of what it would come to if it ran for ever,
    /// which is milliCards x half-life / ln 2.
    static func use(milliCards: Int, during span: Duration) -> Int {
        let forever =
            UInt128(max(0, milliCards)) * UInt128(halfLife.wholeMilliseconds) * 1_000_000_000 / 693_147_180_560
        return Int((forever * UInt128(one - factor(span)) + UInt128(one / 2)) >> 62)
    }
}
