// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

/// Whether it is a request's turn: at once where nobody waits for its pool.
enum Turn {
    case take([Place])
    case wait(Shortage)
}

extension LedgerRows {
    /// Where the request goes, if nobody who waits before it is worse off for that; else its ticket.
    func turn(
        of request: ReservationRequest, _ demand: Demand, _ charge: Charge, in picture: Picture, _ quotas: Quotas
    ) throws(StorageError) -> Turn {
        guard let terms = quotas.waitingLists[demand.pool.name] else {
            return picture.place(demand).map(Turn.take) ?? .wait(picture.shortage(of: demand, now: request.now))
        }
        let present = try present(in: demand.pool.name, terms, now: request.now)
        let own = Ticket(of: request, demand, charge, quotas, after: present.first { $0.server == request.server })
        let line = try order(present.filter { $0.server != request.server } + [own], demand, quotas, now: request.now)
        var queue = Queue(picture, terms, now: request.now)
        let ahead = line.prefix { $0.server != request.server }.map { queue.letPass($0) }
        if let places = queue.places(for: demand, walltime: request.walltime) {
            for ticket in ahead where !present.contains(ticket) { try update(ticket) }
            return .take(places)
        }
        var shortage = queue.shortage(of: demand)
        let isKnown = own.position > 0
        if request.mayWait, shortage.reason != .tooLarge, isKnown || present.count < terms.max {
            if !isKnown { try replaceTicket(of: own) }
            let numbered = number(ahead + line[ahead.count...])
            for ticket in numbered where !present.contains(ticket) { try update(ticket) }
            shortage.waiting = WaitingPlace(
                ticket: own.id, position: ahead.count + 1, length: line.count, seenWithin: terms.ticketTTL)
        } else {
            for ticket in ahead where !present.contains(ticket) { try update(ticket) }
        }
        return .wait(shortage)
    }

    /// Those who are still there; the others are forgotten.
    private func present(in pool: String, _ terms: WaitingListTerms, now: Instant) throws(StorageError) -> [Ticket] {
        let tickets = try tickets(of: pool)
        for ticket in tickets where ticket.isGone(terms, now: now) { try deleteTicket(of: ticket.server) }
        return tickets.filter { !$0.isGone(terms, now: now) }
    }

    private func replaceTicket(of own: Ticket) throws(StorageError) {
        try deleteTicket(of: own.server)
        try insert(own)
    }

    private func number(_ line: [Ticket]) -> [Ticket] {
        line.enumerated().map { place, ticket in
            var ticket = ticket
            ticket.position = place + 1
            return ticket
        }
    }

    private func order(
        _ tickets: [Ticket], _ demand: Demand, _ quotas: Quotas, now: Instant
    ) throws(StorageError) -> [Ticket] {
        guard tickets.count > 1 else { return tickets }
        var use: [QuotaScope: Int] = [:]
        for ticket in tickets {
            for (scope, found) in try fairUse(of: ticket.server.userScope, .group(ticket.payer)) {
                use[scope] = found.value(at: now)
            }
        }
        return WaitingOrder(
            quotas: quotas, capacity: demand.capacity, held: try heldByPayer(in: demand.pool.name), use: use
        ).sorted(tickets)
    }
}

extension Ticket {
    /// A new one, or the one that the server has for the same, seen again.
    fileprivate init(
        of request: ReservationRequest, _ demand: Demand, _ charge: Charge, _ quotas: Quotas, after known: Ticket?
    ) {
        let gpu = request.gpu ?? GPURequest(pool: demand.pool.name, amount: .cards(0))
        let standing = known.flatMap { $0.gpu == gpu ? $0 : nil }
        self.init(
            id: standing?.id ?? .newLedgerID(at: request.now), server: request.server, payer: charge.payer, gpu: gpu,
            milliCards: charge.milliCards, walltime: charge.borrowed?.walltime ?? request.walltime,
            priority: quotas.deployments[request.server.deployment]?.priority ?? 0, position: standing?.position ?? 0,
            createdAt: standing?.createdAt ?? request.now, seenAt: request.now, claimUntil: standing?.claimUntil)
    }
}
