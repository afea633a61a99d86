// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What a server's user is told of its being unused.
package struct IdleStanding: Sendable, Hashable {
    package let limit: IdleLimit
    package let lastUse: LastUse

    package init(_ limit: IdleLimit, _ lastUse: LastUse) {
        self.limit = limit
        self.lastUse = lastUse
    }

    /// When it ends unless it is used before; nil where nobody can tell. It ends a little later in fact: by `limit.lag`.
    package var endsAt: Instant? {
        guard case .known(let used, _) = lastUse else { return nil }
        return used + limit.span
    }

    /// Nil where nobody can tell.
    package func unused(at now: Instant) -> Duration? {
        guard case .known(let used, _) = lastUse else { return nil }
        return max(.zero, now - used)
    }

    package func left(at now: Instant) -> Duration? { endsAt.map { max(.zero, $0 - now) } }

    /// How long it lives at the least if it stays unused; nil where nobody can tell.
    package func leftWithLag(at now: Instant) -> Duration? { endsAt.map { max(.zero, $0 + limit.lag - now) } }
}
