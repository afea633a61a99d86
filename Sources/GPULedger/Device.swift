// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What capacity is taken from: a card without MIG, or one MIG instance.
struct Device: Hashable, Sendable {
    /// Its place in the catalogue's list.
    let index: Int
    /// Its node's place in the catalogue's list.
    let nodeNumber: Int
    /// The card's UUID or the MIG instance's id.
    let id: String
    let node: String
    /// The card's UUID; the same as `id` when the device is the card.
    let card: String
    let memory: MiB
    /// The whole card's; the same as `memory` when the device is the card.
    let cardMemory: MiB
    /// MiB behind one unit here, where it is not its pool's.
    let unit: MiB?
    /// Nil for a card.
    let profile: MIGProfile?
    /// Pools that may place here.
    let pools: [String]
}

/// A part of a live reservation on one device: what arithmetic is done on.
struct Hold: Hashable, Sendable {
    /// How the device is used; one mode at a time on a card, and on a MIG instance.
    enum Mode: String, Sendable {
        /// The card as a whole.
        case whole
        /// A MIG instance for one reservation.
        case mig
        /// A share of a card or of a MIG instance.
        case shared
    }

    let reservationID: String
    let pool: String
    let mode: Mode
    let place: Place
    let lasts: Lasting
}

/// Where a hold is and what it takes there, by the terms of the day it was granted.
struct Place: Hashable, Sendable {
    let node: String
    let card: String
    /// The card's UUID, the MIG instance's id, or card, profile and start of an instance that is made on demand.
    let device: String
    /// Units of the pool's resource.
    let units: Int
    /// Memory that is guaranteed, in whole units; the device's memory where it is taken whole.
    let memory: MiB
    /// The most it may use.
    let limit: MiB
    /// Where on the card an instance is that is made on demand; nil for what the inventory has.
    var slot: MIGSlot?
}

/// How long a live reservation can last.
enum Lasting: Hashable, Sendable {
    /// No pod yet: the walltime begins with it, at `heldUntil` at the latest.
    case held(heldUntil: Instant, walltime: Duration?)
    case bound(endsBy: Instant?)

    /// The latest end that can be promised; nil when there is none, as for one that has outlived its walltime.
    func latestEnd(now: Instant) -> Instant? {
        switch self {
        case .held(let heldUntil, let walltime): walltime.map { max(heldUntil, now) + $0 }
        case .bound(let endsBy): endsBy.flatMap { $0 > now ? $0 : nil }
        }
    }
}
