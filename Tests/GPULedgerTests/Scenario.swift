// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

/// A random but repeatable sequence of calls to a ledger, each seen with the books before and after it.
struct Scenario {
    enum Call {
        case reserve(ReservationRequest)
        /// The very same request once more.
        case retry(ReservationRequest)
        /// The same start with another request.
        case conflict(ReservationRequest)
        case bind(String, ServerID)
        case release(ServerID, StartID?)
        case expire
        case reopen
        case replace(Inventory)
    }

    enum Answer: Equatable {
        case outcome(ReserveOutcome)
        case bound(Reservation)
        case release(ReleaseOutcome)
        case expired([Reservation])
        case error(LedgerError)
        case done
    }

    /// Everything that the ledger shows of itself.
    struct Books: Equatable {
        let reservations: [Reservation]
        let entries: [LedgerEntry]
        let availability: [Availability]
    }

    struct Step {
        let call: Call
        let answer: Answer
        let before: Books
        let after: Books
        let inventory: Inventory

        /// The reservation that this step granted anew.
        var granted: Reservation? {
            if case .outcome(.held(let reservation, isRepeat: false)) = answer { reservation } else { nil }
        }
    }

    private let scratch = Scratch()
    private var random: SeededGenerator
    private(set) var ledger: Ledger
    private(set) var inventory = Self.inventories[0]
    private(set) var now = noon
    private var asked: [ReservationRequest] = []
    private var books: Books

    init(seed: UInt64) async throws {
        random = SeededGenerator(seed: seed)
        ledger = try Ledger(scratch.store, inventory: Self.inventories[0])
        books = try await Self.books(of: ledger, now: now)
    }

    mutating func step() async throws -> Step {
        now = now + .seconds(Int.random(in: 0...40, using: &random))
        let before = Books(
            reservations: books.reservations,
            entries: books.entries,
            availability: ledger.availability(of: Self.offers, now: now)
        )
        let call = nextCall(before)
        let answer = try await make(call)
        books = try await Self.books(of: ledger, now: now)
        return Step(call: call, answer: answer, before: before, after: books, inventory: inventory)
    }

    private mutating func nextCall(_ books: Books) -> Call {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<45: .reserve(newRequest())
        case ..<55: asked.suffix(6).randomElement(using: &random).map(Call.retry) ?? .expire
        case ..<62: asked.suffix(6).randomElement(using: &random).map { .conflict(altered($0)) } ?? .expire
        case ..<74:
            books.reservations.prefix(12).randomElement(using: &random).map { .bind($0.id, $0.server) } ?? .expire
        case ..<80: .release(randomServer(), nil)
        case ..<88: asked.suffix(20).randomElement(using: &random).map { .release($0.server, $0.start) } ?? .expire
        case ..<94: .expire
        case ..<97: .reopen
        default: .replace(Self.inventories.randomElement(using: &random) ?? Self.inventories[0])
        }
    }

    private mutating func make(_ call: Call) async throws -> Answer {
        do throws(LedgerError) {
            switch call {
            case .reserve(let request):
                asked.append(request)
                return .outcome(try await ledger.reserve(request))
            case .retry(let request), .conflict(let request): return .outcome(try await ledger.reserve(request))
            case .bind(let id, let server): return .bound(try await ledger.bind(id, server: server, now: now))
            case .release(let server, let start):
                return .release(try await ledger.release(server, start: start, now: now))
            case .expire: return .expired(try await ledger.expire(now: now))
            case .reopen:
                await ledger.close()
                ledger = try Ledger(scratch.store, inventory: inventory)
            case .replace(let other):
                inventory = other
                try await ledger.replace(inventory: other)
            }
            return .done
        } catch {
            return .error(error)
        }
    }

    private mutating func newRequest() -> ReservationRequest {
        ReservationRequest(
            server: randomServer(),
            start: start("s\(asked.count)"),
            gpu: Self.offers.randomElement(using: &random),
            terms: "{}",
            walltime: Bool.random(using: &random) ? .seconds(Int.random(in: 60...9000, using: &random)) : nil,
            holdFor: .seconds(330),
            now: now
        )
    }

    private mutating func altered(_ request: ReservationRequest) -> ReservationRequest {
        let changesTerms = Bool.random(using: &random)
        return ReservationRequest(
            server: request.server,
            start: request.start,
            gpu: changesTerms ? request.gpu : share(77, from: "shared"),
            terms: changesTerms ? "{\"x\":1}" : request.terms,
            walltime: request.walltime,
            holdFor: request.holdFor,
            now: now
        )
    }

    private mutating func randomServer() -> ServerID { server("user-\(Int.random(in: 0..<14, using: &random))") }

    private static func books(of ledger: Ledger, now: Instant) async throws -> Books {
        Books(
            reservations: try await ledger.reservations(includingEnded: true),
            entries: try await ledger.entries(after: 0),
            availability: ledger.availability(of: offers, now: now)
        )
    }
}

/// SplitMix64: the same sequence for the same seed, on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
