// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    func extend(
        _ id: String, by author: Operator, _ terms: OperatorExtensionTerms, in shared: SharedPicture, at now: Instant
    ) throws(StorageError) -> OperatorExtension {
        guard let known = try reservation(id) else { return .unknown }
        guard known.reservation.state.holdsCapacity else { return .ended(known.reservation) }
        guard let endsBy = known.reservation.endsBy else { return .hasNoEnd(known.reservation) }
        let extended = endsBy + terms.span
        guard extended <= now + Ledger.extensionMax else { return .tooLong(known.reservation) }
        if let most = terms.authorsMost, try self.extended(id, by: author.name) + terms.span > most {
            return .usedUp(known.reservation)
        }
        let obstacles = try obstacles(to: known, from: endsBy, until: extended, terms, shared, now)
        guard obstacles.isEmpty || terms.isForced else { return .refused(known.reservation, obstacles) }
        let changed = try extend(known, to: extended, at: now)
        let despite = obstacles.isEmpty ? "" : ", despite " + obstacles.map(\.word).joined(separator: ", ")
        try audit(.extend, id, before: "\(endsBy)", after: "\(extended)\(despite)", by: author, at: now)
        return .extended(changed, despite: obstacles)
    }

    /// What somebody has added to a session: the audit, which people read, is what counts.
    func extended(_ id: String, by author: String) throws(StorageError) -> Duration {
        let rows = try connection.query(
            """
            SELECT before_change, after_change FROM audit WHERE action = 'extend' AND target = $1 AND actor = $2
            """, [SQLValue(id), SQLValue(author)])
        var sum = Duration.zero
        for row in rows {
            guard let before = Instant(rfc3339: try row.text(0)), let after = Instant(rfc3339: try row.text(1)) else {
                continue
            }
            sum += after - before
        }
        return sum
    }

    private func obstacles(
        to known: StoredReservation, from endsBy: Instant, until extended: Instant, _ terms: OperatorExtensionTerms,
        _ shared: SharedPicture, _ now: Instant
    ) throws(StorageError) -> [ExtensionObstacle] {
        var found: [ExtensionObstacle] = []
        let waiting = try heldUp(by: known, stayingUntil: extended, in: shared, terms.quotas, now: now)
        if waiting > 0 { found.append(.waiting(waiting)) }
        if known.reservation.charge?.borrowed != nil { found.append(.borrowed) }
        if let quota = try usedUp(by: known, from: endsBy, until: extended, terms.quotas, now) {
            found.append(.quota(quota))
        }
        if let end = try podDeadline(of: known, terms.podGrace), end < extended { found.append(.podDeadline(end)) }
        return found
    }

    /// The first quota whose GPU-hours of this period the session would use up, counted up to its new end. What falls
    /// into the next period is not counted: nobody has used anything of that.
    private func usedUp(
        by known: StoredReservation, from endsBy: Instant, until extended: Instant, _ quotas: Quotas, _ now: Instant
    ) throws(StorageError) -> QuotaShortage? {
        guard let stored = known.charge else { return nil }
        let (start, end) = (quotas.period.start(of: now), quotas.period.end(of: now))
        let before = max(now, min(endsBy, end))
        let after = max(before, min(extended, end))
        guard after > before else { return nil }
        let asked = stored.charge.milliCards * Int((after - now).wholeSeconds)
        for scope in stored.scopes {
            guard let limit = quotas.limits(of: scope)[.gpuHours] else { continue }
            let used = try use(in: scope, since: start, now: now, besides: []).milliCardSeconds
            guard used + asked > limit else { continue }
            return QuotaShortage(
                scope: scope, measure: .gpuHours, limit: limit, used: used, asked: asked, resetsAt: end)
        }
        return nil
    }

    /// The earliest that Kubernetes ends the pod: it counts from the pod's start, which is not before the hub had it.
    /// Nil where no pod of ours has a deadline.
    private func podDeadline(of known: StoredReservation, _ grace: Duration) throws(StorageError) -> Instant? {
        guard let walltime = known.walltime, !known.isPodless else { return nil }
        let rows = try connection.query(
            "SELECT min(at_unix_ms) FROM ledger_entry WHERE reservation_id = $1 AND to_state = 'bound'",
            [SQLValue(known.reservation.id)])
        guard let bound = try rows.first?.integerOrNull(0) else { return nil }
        return Instant(unixMilliseconds: bound) + walltime + grace
    }
}
