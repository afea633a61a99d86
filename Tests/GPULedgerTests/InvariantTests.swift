// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// Random sequences against the plain model. A failure names its seed; put it into `seeds` to see it again.
@Suite(.onEachStore) struct InvariantTests {
    static let seeds: [UInt64] = [7919, 15838, 23757, 31676, 39595, .random(in: .min ... .max)]
    /// Fewer where each takes a server's word.
    static var steps: Int { TestStore.current == .sqlite ? 140 : 50 }

    func walk(_ seed: UInt64, _ check: (Scenario.Step) throws -> Void) async throws {
        var scenario = try await Scenario(seed: seed)
        for number in 0..<Self.steps {
            let step = try await scenario.step()
            do { try check(step) } catch {
                Issue.record("seed \(seed), step \(number), \(step.call): \(error)")
                return
            }
        }
    }

    struct Broken: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    func hold(_ condition: Bool, _ sentence: @autoclosure () -> String) throws {
        if !condition { throw Broken(sentence()) }
    }

    @Test(arguments: seeds)
    func `I1: a whole card or an exclusive MIG instance has at most one live reservation`(seed: UInt64) async throws {
        try await walk(seed) { step in
            let model = PlainModel(step.inventory, step.after.reservations)
            try hold(model.overlapping.isEmpty, "\(model.overlapping) lie over each other")
            for reservation in model.live where model.mode(of: reservation) != .shared {
                for part in reservation.placement {
                    try hold(model.users(of: part.device).count == 1, "\(part.device) has two: \(model.live)")
                }
            }
        }
    }

    @Test(arguments: seeds)
    func `I2: on a card exactly one mode holds`(seed: UInt64) async throws {
        try await walk(seed) { step in
            let model = PlainModel(step.inventory, step.after.reservations)
            var usedWhole: [String: PlainModel.Mode] = [:]
            for reservation in model.live {
                guard let mode = model.mode(of: reservation) else { continue }
                for part in reservation.placement {
                    let card = model.card(of: part.device)
                    // A share on an instance is MIG to the card, and a share to the instance.
                    let onCard = part.device == card ? mode : .mig
                    for (place, mode) in [(card, onCard), (part.device, mode)] where place != card || onCard == mode {
                        try hold(usedWhole[place, default: mode] == mode, "\(place) is used in two modes")
                        usedWhole[place] = mode
                    }
                }
            }
        }
    }

    @Test(arguments: seeds)
    func `I3: a grant keeps the sums of every device it touches, and touches none in deficit`(seed: UInt64) async throws
    {
        try await walk(seed) { step in
            let model = PlainModel(step.inventory, step.after.reservations)
            guard let granted = step.granted, let gpu = granted.gpu else { return }
            for part in granted.placement {
                let spot = model.spot(of: part.device)
                try hold(spot?.pools.contains(gpu.pool) == true, "\(part.device) is not one of \(gpu.pool)")
                try hold(spot?.node == part.node, "\(part.device) is not on \(part.node)")
                if model.mode(of: granted) == .shared {
                    try hold(model.isSound(part.device), "\(part.device) bears too much")
                }
            }
            try hold(Set(granted.placement.map(\.node)).count == 1, "on two nodes")
        }
    }

    @Test(arguments: seeds)
    func `I3: what breaks under a grant is reported as a deficit and stays`(seed: UInt64) async throws {
        try await walk(seed) { step in
            let model = PlainModel(step.inventory, step.after.reservations)
            let gone = model.live.filter { reservation in
                reservation.placement.contains { part in model.spot(of: part.device) == nil }
            }
            for offer in step.after.availability {
                let missing = gone.count { $0.gpu?.pool == offer.request.pool }
                try hold(offer.deficit >= missing, "\(missing) of \(offer.request.pool) are on devices that are gone")
            }
            if case .replace = step.call {
                try hold(step.before.reservations == step.after.reservations, "an inventory change ended something")
            }
        }
    }

    @Test(arguments: seeds)
    func `I6: what has ended never changes, and a revision only grows`(seed: UInt64) async throws {
        try await walk(seed) { step in
            let after = Dictionary(uniqueKeysWithValues: step.after.reservations.map { ($0.id, $0) })
            for old in step.before.reservations {
                guard let new = after[old.id] else { throw Broken("\(old.id) has vanished") }
                if new == old { continue }
                try hold(old.state.holdsCapacity, "\(old.id) had ended")
                try hold(new.revision == old.revision + 1, "\(old.id) went from \(old.revision) to \(new.revision)")
            }
            try hold(step.after.entries.starts(with: step.before.entries), "an entry was changed")
        }
    }

    @Test(arguments: seeds)
    func `I7: a retry gets the same answer and nothing more, another request is a conflict`(seed: UInt64) async throws {
        try await walk(seed) { step in
            switch step.call {
            case .retry(let request), .conflict(let request):
                let standing = step.before.reservations.first {
                    $0.server == request.server && $0.start == request.start
                }
                // A start that was denied has nothing to repeat.
                guard let standing else { return }
                let isSame = standing.gpu == request.gpu && standing.terms == request.terms
                let expected: Scenario.Answer =
                    !standing.state.holdsCapacity
                    ? .error(.startEnded(standing))
                    : isSame ? .outcome(.held(standing, isRepeat: true)) : .error(.startConflict(standing: standing))
                try hold(step.answer == expected, "answered \(step.answer)")
                try hold(step.before == step.after, "the books changed")
            default: return
            }
        }
    }

    @Test(arguments: seeds)
    func `I7: a server never has two live reservations`(seed: UInt64) async throws {
        try await walk(seed) { step in
            let servers = PlainModel(step.inventory, step.after.reservations).live.map(\.server)
            try hold(Set(servers).count == servers.count, "some server has two")
        }
    }

    @Test(arguments: seeds)
    func `I11: a denial changes nothing`(seed: UInt64) async throws {
        try await walk(seed) { step in
            switch step.answer {
            case .error, .outcome(.unavailable), .release(.alreadyEnded), .release(.nothingHeld):
                try hold(step.before == step.after, "\(step.answer) changed the books")
            default: return
            }
        }
    }

    @Test(arguments: seeds)
    func `I16: after a restart the books are as they were, and the journal tells each state`(seed: UInt64) async throws
    {
        try await walk(seed) { step in
            if case .reopen = step.call { try hold(step.before == step.after, "the books differ") }
            var states: [String: (Reservation.State, Int)] = [:]
            for entry in step.after.entries {
                try hold(states[entry.reservationID]?.0 == entry.from, "entry \(entry.sequence) comes from nowhere")
                states[entry.reservationID] = (entry.to, entry.revision)
            }
            try hold(states.count == step.after.reservations.count, "journal and reservations differ in number")
            for reservation in step.after.reservations {
                let replayed = states[reservation.id]
                try hold(replayed?.0 == reservation.state, "\(reservation.id) is not what its journal says")
                try hold(replayed?.1 == reservation.revision, "\(reservation.id) has another revision")
            }
        }
    }

    @Test(arguments: seeds)
    func `what is refused for want of room could not have been placed anywhere`(seed: UInt64) async throws {
        try await walk(seed) { step in
            guard case .reserve(let request) = step.call, let gpu = request.gpu else { return }
            let model = PlainModel(step.inventory, step.before.reservations)
            let isGranted = step.granted != nil
            try hold(isGranted == model.canPlace(gpu, for: request.server), "granted: \(isGranted)")
        }
    }
}
