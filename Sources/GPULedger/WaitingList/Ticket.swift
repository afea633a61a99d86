// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// How a pool's waiting list is kept.
package struct WaitingListTerms: Hashable, Sendable {
    /// The most tickets.
    package let max: Int
    /// Who is not seen for so long has left.
    package let ticketTTL: Duration
    /// How long capacity is kept for the one whose turn it is.
    package let claimWindow: Duration

    package init(max: Int = 50, ticketTTL: Duration = .seconds(90), claimWindow: Duration = .seconds(60)) {
        self.max = max
        self.ticketTTL = ticketTTL
        self.claimWindow = claimWindow
    }
}

/// What somebody who waits is told.
package struct WaitingPlace: Hashable, Sendable {
    package let ticket: String
    /// From 1.
    package let position: Int
    package let length: Int
    /// After so long without a word the ticket is gone.
    package let seenWithin: Duration

    package init(ticket: String, position: Int, length: Int, seenWithin: Duration) {
        self.ticket = ticket
        self.position = position
        self.length = length
        self.seenWithin = seenWithin
    }
}

/// One server's place in the waiting list of one pool.
struct Ticket: Hashable, Sendable {
    let id: String
    let server: ServerID
    let payer: String?
    let gpu: GPURequest
    let milliCards: Int
    let walltime: Duration?
    /// Its hub's.
    let priority: Int
    /// As it was written last; 0 for one that is new.
    var position: Int
    let createdAt: Instant
    var seenAt: Instant
    /// Until when what it needs is kept for it; nil while there is nothing to keep.
    var claimUntil: Instant?

    func isGone(_ terms: WaitingListTerms, now: Instant) -> Bool {
        now - seenAt > terms.ticketTTL || claimUntil.map { now > $0 } ?? false
    }
}
