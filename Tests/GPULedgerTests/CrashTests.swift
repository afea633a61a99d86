// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Glibc
import SpawnModel
import Storage
import Testing

/// A process that works the ledger is killed at random moments, again and again, over the same database.
@Suite(.onEachStore) struct CrashTests {
    static let rounds = 20
    let scratch = Scratch()
    let inventory = Inventory(
        nodes: [node("n", (0..<4).map { card("card-\($0)", 40 * gib, ["whole", "shared"]) })],
        pools: [wholePool(), sharedPool(unit: gib, sharers: 8)]
    )

    @Test func `a kill at any moment loses no answer and grants nothing twice`() async throws {
        var random = SystemRandomNumberGenerator()
        for round in 0..<Self.rounds {
            let answers = try hammer(round: round, lines: Int.random(in: 5...400, using: &random))
            let ledger = try Ledger(scratch.store, inventory: inventory)
            let entries = try await allEntries(ledger)
            let written = Set(entries.map { "\($0.to) \($0.reservationID)" })
            #expect(
                answers.filter { !written.contains($0) } == [],
                "round \(round): answers that are not in the journal"
            )
            if round == Self.rounds - 1 { try await expectNothingTwice(ledger, entries) }
            await ledger.close()
            if case .file(let file) = scratch.store { #expect(try integrity(of: file) == "ok") }
        }
    }

    /// What the child said before it died, which is at least `lines` lines.
    private func hammer(round: Int, lines: Int) throws -> [String] {
        let child = try #require(
            Child(Self.hammerPath, [scratch.store.words, "\(round)", "4", "\(40 * gib)"]),
            "no ledger-hammer to run"
        )
        var answers: [String] = []
        while answers.count < lines, let line = child.nextLine() { answers.append(line) }
        child.kill()
        while let line = child.nextLine() { answers.append(line) }
        #expect(answers.count >= lines, "the child ended by itself")
        return answers
    }

    /// Beside the test's own executable.
    private static var hammerPath: String {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        let own = String(decoding: path.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/ledger-hammer"
    }

    private func allEntries(_ ledger: Ledger) async throws -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        while true {
            let more = try await ledger.entries(after: entries.last?.sequence ?? 0)
            if more.isEmpty { return entries }
            entries += more
        }
    }

    /// Goes through the journal and looks at every device after every line.
    private func expectNothingTwice(_ ledger: Ledger, _ entries: [LedgerEntry]) async throws {
        let all = try await ledger.reservations(includingEnded: true)
        let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
        var live: [String: Reservation] = [:]
        for entry in entries {
            let reservation = try #require(byID[entry.reservationID])
            live[entry.reservationID] = entry.to.holdsCapacity ? reservation.as(.held) : nil
            guard entry.to == .held else { continue }
            let model = PlainModel(inventory, Array(live.values))
            for part in reservation.placement {
                let modes = Set(model.users(of: part.device).map(model.mode(of:)))
                let isSound = modes == [.whole] ? model.users(of: part.device).count == 1 : model.isSound(part.device)
                #expect(modes.count == 1 && isSound, "\(part.device) was granted twice at entry \(entry.sequence)")
            }
        }
        for reservation in all where live[reservation.id] == nil { #expect(!reservation.state.holdsCapacity) }
    }

    private func integrity(of file: String) throws -> String? {
        try SQLiteConnection.open(file).query("PRAGMA integrity_check").first?.text(0)
    }
}

extension LedgerStore {
    /// As the hammer is told.
    fileprivate var words: String {
        switch self {
        case .file(let file): file
        case .postgres(let terms): terms.connection
        }
    }
}

extension Reservation {
    fileprivate func `as`(_ state: State) -> Reservation {
        Reservation(
            id: id,
            server: server,
            start: start,
            state: state,
            revision: revision,
            gpu: gpu,
            placement: placement,
            terms: terms,
            createdAt: createdAt,
            heldUntil: heldUntil,
            endsBy: endsBy
        )
    }
}
