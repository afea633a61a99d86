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
    func `through any life the books keep to I1, I2, I6 and I16`(seed: UInt64) async throws {
        try await walk(seed) { before, after, _ in devices(after) + endings(before, after) + replayed(after) }
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

    /// I1, I2: one device, one reservation, unless it is the same server's next start, which waits for the pod before.
    private func devices(_ books: Books) -> [String] {
        let parts = books.live.flatMap { reservation in reservation.placement.map { ($0.device, reservation) } }
        return Dictionary(grouping: parts, by: \.0).filter { $0.value.count > 1 }.map { "I1: \($0.key) has two" }
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
            let held = Set(books.live.flatMap(\.placement).filter { $0.node == node.name }.map(\.device)).count
            let foreign = seen.foreign.filter { $0.node == node.name }.reduce(0) { $0 + $1.amount }
            let left = node.cards.count - held - foreign
            if !withheld.contains(node.name) { free += max(0, left) }
            deficit += max(0, -left)
        }
        let told = walk.stage.free()
        let short = seen.deficits["nvidia.com/gpu"] ?? 0
        return (told == free ? [] : ["I5: \(told) free, counted \(free)"])
            + (short == deficit ? [] : ["I3: deficit \(short), counted \(deficit)"])
    }
}
