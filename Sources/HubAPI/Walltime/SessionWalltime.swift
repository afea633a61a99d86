// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPClient
package import JSONTree
package import LastUse
import PodPatching
package import SpawnModel

/// How long a server may still run, and what its user may add to that. Pure: it takes what was read and the clock.
package struct SessionWalltime: Sendable {
    package let reservation: Reservation
    private let terms: SessionTerms?
    /// What its user has added so far.
    private let added: Duration
    /// Nil where being unused ends nothing.
    package let idle: IdleStanding?
    private let warnBefore: [Duration]

    init(_ reservation: Reservation, _ terms: SessionTerms?, added: Duration, idle: IdleStanding?, at site: Site) {
        self.reservation = reservation
        self.terms = terms
        self.added = added
        self.idle = idle
        warnBefore = site.pod.sidecars?.warnBefore ?? []
    }

    /// What it was granted; nil for no limit.
    package var walltime: Duration? { reservation.charge?.borrowed?.walltime ?? terms?.walltime }

    /// Nil before it has begun, and without a limit.
    package func left(at now: Instant) -> Duration? { reservation.endsBy.map { max(.zero, $0 - now) } }

    /// The next click's worth, and all of them together; nil where the end is the end.
    package var extending: WalltimeExtension? {
        guard reservation.endsBy != nil, let extending = terms?.extending else { return nil }
        return extending.within(extending.most - added)
    }

    /// As sidecars and hubs read it: spans in whole seconds, times in RFC 3339.
    package func json(at now: Instant) -> JSON {
        [
            "reservation_id": JSON(reservation.id), "user": JSON(reservation.server.user),
            "server": JSON(reservation.server.name),
            "walltime_s": walltime.json, "started": JSON(reservation.endsBy != nil || reservation.state == .running),
            "left_s": left(at: now).json, "ends_at": reservation.endsBy.map { JSON($0.description) } ?? .null,
            "now": JSON(now.description), "warn_before_s": JSON(warnBefore.map { JSON(Int($0.wholeSeconds)) }),
            "extension": extending.map { ["by_s": $0.by.json, "left_s": $0.most.json] } ?? .null,
            "idle": idle?.json(at: now, warnBefore) ?? .null,
            "page": extending.map { _ in JSON(page) } ?? .null,
        ]
    }

    /// Where a browser may add to it, below the hub's origin.
    private var page: String { "/hub/berth/walltime?server=" + reservation.server.name.percentEncoded }
}

extension IdleStanding {
    fileprivate func json(at now: Instant, _ warnBefore: [Duration]) -> JSON {
        [
            "limit_s": limit.span.json, "unused_s": unused(at: now).json, "left_s": left(at: now).json,
            "ends_at": endsAt.map { JSON($0.description) } ?? .null,
            "warn_before_s": JSON(limit.warnBefore(warnBefore).map(\.json)),
        ]
    }
}

extension Duration {
    fileprivate var json: JSON { JSON(Int(wholeSeconds)) }
}

extension Duration? {
    fileprivate var json: JSON { map(\.json) ?? .null }
}
