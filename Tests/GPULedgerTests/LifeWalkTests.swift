// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// The ledger against what really is, after each of some hundred random steps. A failure names its seed.
@Suite(.onEachStore) struct LifeWalkTests {
    static let seeds: [UInt64] = [11, 23, 37, 41, 59]
    static let steps = 400

    struct Books {
        let reservations: [String: Reservation]
        let live: [Reservation]
        let entries: [LedgerEntry]
    }

    private func books(_ ledger: Ledger) async throws -> Books {
        let all = try await ledger.reservations(includingEnded: true)
        return Books(
            reservations: Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) }),
            live: all.filter(\.state.holdsCapacity), entries: try await ledger.entries(after: 0))
    }

    /// - Parameter check: what is wrong after a step, in words.
    func walk(
        _ seed: UInt64, restarts: Bool = true, _ check: (_ before: Books, _ after: Books, LifeWalk) -> [String]
    ) async throws {
        var walk = try await LifeWalk(seed: seed, restarts: restarts)
        var before = try await books(walk.stage.ledger)
        for number in 0..<Self.steps {
            try await walk.step()
            let after = try await books(walk.stage.ledger)
            let faults = check(before, after, walk)
            if !faults.isEmpty {
                Issue.record("seed \(seed), step \(number) (\(walk.did)): \(faults)")
                return
            }
            before = after
        }
    }

    @Test(arguments: [67, 73, 89, 97, 101] as [UInt64])
    func `through any life the books keep to I1, I2, I3, I6 and I16, and each reservation is where its pod is`(
        seed: UInt64
    ) async throws {
        try await walk(seed) { before, after, walk in
            devices(before, after, walk) + endings(before, after) + followed(after, walk) + replayed(after)
                + rebuilt(after, walk)
        }
    }

    @Test(arguments: seeds)
    func `I5: what is free, held, foreign or withheld is all there is, and what is short is told`(seed: UInt64)
        async throws
    {
        try await walk(seed) { _, after, walk in balanced(after, walk) }
    }

    @Test(arguments: seeds)
    func `I8: nothing ends while a pod of it holds a device, nor without a whole and young look`(seed: UInt64)
        async throws
    {
        try await walk(seed) { before, after, walk in freed(before, after, walk) }
    }

    @Test(arguments: seeds)
    func `I9: each living pod is one reservation's or foreign, and never both`(seed: UInt64) async throws {
        try await walk(seed) { _, after, walk in explained(after, walk) }
    }

    /// I1, I2, I3: a grant has its devices to itself, and of several on one device at most one has its pod there.
    private func devices(_ before: Books, _ after: Books, _ walk: LifeWalk) -> [String] {
        let known = Set(before.live.map(\.id))
        let parts = after.live.flatMap { reservation in reservation.placement.map { ($0.device, reservation) } }
        let crowded = Dictionary(grouping: parts, by: \.0).mapValues { $0.map(\.1) }.filter { $0.value.count > 1 }
        return crowded.flatMap { device, holders in
            let isGranted = walk.did == "reserve" && holders.contains { !known.contains($0.id) }
            let seen = walk.sawAll ? holders.filter { !walk.nodes(of: $0.id).isEmpty } : []
            return (isGranted ? ["I3: \(device) was granted though it was another's"] : [])
                + (seen.count > 1 ? ["I1: \(device) has two: \(seen.map(\.id))"] : [])
        }
    }

    /// What a pod shows counts, and not what was expected.
    private func followed(_ books: Books, _ walk: LifeWalk) -> [String] {
        guard walk.sawAll else { return [] }
        return books.live.compactMap { reservation in
            let nodes = walk.nodes(of: reservation.id)
            let places = Set(reservation.placement.map(\.node))
            return nodes.isEmpty || places.isSubset(of: nodes)
                ? nil : "\(reservation.id) is on \(nodes), and counted on \(places)"
        }
    }

    /// I16: who reads the ledger from its tables sees what this process has come to by following.
    private func rebuilt(_ books: Books, _ walk: LifeWalk) -> [String] {
        guard books.entries.last?.cause == .placedAnew else { return [] }
        let stage = walk.stage
        guard let other = try? Ledger(stage.scratch.store, inventory: stage.inventory) else { return ["I16: unread"] }
        let (here, there) = (stage.ledger.accounts(now: stage.now), other.accounts(now: stage.now))
        return here == there ? [] : ["I16: \(here) here, \(there) by the tables"]
    }

    /// I6: what has ended stays, and revisions only grow.
    private func endings(_ before: Books, _ after: Books) -> [String] {
        before.reservations.values.compactMap { old in
            guard let new = after.reservations[old.id] else { return "I6: \(old.id) has vanished" }
            if !old.state.holdsCapacity { return new == old ? nil : "I6: \(old.id) had ended" }
            return new.revision >= old.revision ? nil : "I6: a revision fell"
        }
    }

    /// I8: nothing ends while a pod of it holds a device, nor without a whole and young snapshot.
    private func freed(_ before: Books, _ after: Books, _ walk: LifeWalk) -> [String] {
        let over = before.live.filter { after.reservations[$0.id]?.state.holdsCapacity == false }
        let superseded = Set(
            after.entries.dropFirst(before.entries.count).filter { $0.cause == .superseded }.map(\.reservationID))
        return over.compactMap { old in
            let isUsed = walk.real.values.contains { $0.reservation == old.id }
            if superseded.contains(old.id) {
                // What it has is its successor's, which holds the same.
                let heir = after.live.first { $0.server == old.server && $0.placement == old.placement }
                return isUsed && heir == nil && isKnown(old, before) ? "I8: \(old.id) gave way under its pod" : nil
            }
            if isUsed {
                let told = after.entries.filter { $0.reservationID == old.id }.map {
                    "\($0.to) \($0.cause) \($0.evidence)"
                }
                return "I8: \(old.id) ended while its pod runs: \(told)"
            }
            // A stop whose pods were seen to be gone before needs no other look.
            return walk.sawAll || walk.did == "release" ? nil : "I8: \(old.id) ended unseen"
        }
    }

    /// Whether any pod of it had been seen.
    private func isKnown(_ reservation: Reservation, _ books: Books) -> Bool {
        books.entries.contains {
            $0.reservationID == reservation.id && [.podSeen, .podRunning, .podTerminating].contains($0.cause)
        }
    }

    /// I9: each living pod is some live reservation's, or foreign, and never both.
    private func explained(_ books: Books, _ walk: LifeWalk) -> [String] {
        guard walk.sawAll, let seen = walk.last else { return [] }
        let foreign = Set(seen.foreign.map(\.podUID))
        return walk.stage.pods.values.compactMap { pod in
            guard pod.phase == .pending || pod.phase == .running else { return nil }
            let claimed = pod.reservationID.flatMap { books.reservations[$0] }
            if claimed == nil, !foreign.contains(pod.uid) { return "I9: \(pod.uid) is nobody's" }
            if claimed?.state.holdsCapacity == true, foreign.contains(pod.uid) { return "I9: \(pod.uid) counts twice" }
            return nil
        }
    }

    /// I16: the journal alone tells every state.
    private func replayed(_ books: Books) -> [String] {
        var states: [String: Reservation.State] = [:]
        var faults: [String] = []
        for entry in books.entries {
            if states[entry.reservationID] != entry.from {
                faults.append("I16: entry \(entry.sequence) is from nowhere")
            }
            states[entry.reservationID] = entry.to
        }
        return faults + books.reservations.values.filter { states[$0.id] != $0.state }.map { "I16: \($0.id) differs" }
    }

    /// I3, I5: what is free is what nobody has: counted in cards of the nodes that take something.
    private func balanced(_ books: Books, _ walk: LifeWalk) -> [String] {
        guard walk.sawAll, let seen = walk.last else { return [] }
        let withheld = Set(seen.withheld.map(\.node))
        var free = 0
        var deficit = 0
        for node in walk.stage.inventory.nodes {
            let held = books.live.flatMap(\.placement).filter { $0.node == node.name }.map(\.device)
            let foreign = seen.foreign.filter { $0.node == node.name }.reduce(0) { $0 + $1.amount }
            let left = node.cards.count - Set(held).count - foreign
            if !withheld.contains(node.name) { free += max(0, left) }
            deficit += max(0, -left) + held.count - Set(held).count
        }
        let told = walk.stage.free()
        let short = seen.deficits["nvidia.com/gpu"] ?? 0
        return (told == free ? [] : ["I5: \(told) free, counted \(free)"])
            + (short == deficit ? [] : ["I3: deficit \(short), counted \(deficit)"])
    }
}
