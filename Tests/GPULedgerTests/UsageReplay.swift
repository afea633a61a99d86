// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

/// Usage as the journal tells it, by the plainest arithmetic: no code is shared with the ledger's own sums.
struct UsageReplay {
    struct Session {
        let request: ReservationRequest
        let started: Int64
        let ended: Int64
        let milliCards: Int
        let mib: Int

        func name(_ grouping: UsageGrouping) -> String {
            switch grouping {
            case .user: request.server.user
            case .group: request.payer ?? ""
            case .profile: request.profile
            case .pool: request.gpu?.pool ?? ""
            case .deployment: request.server.deployment
            }
        }
    }

    private(set) var sessions: [Session] = []
    /// How long the clock has gone forward while somebody looked, in milliseconds.
    private(set) var elapsed: Int64 = 0

    /// - Parameter price: milli-cards and MiB of a request.
    init(
        _ entries: [LedgerEntry], _ requests: [String: ReservationRequest], now: Instant,
        price: (GPURequest) -> (milliCards: Int, mib: Int)
    ) {
        var began: [String: Int64] = [:]
        var last: Int64?
        func look(_ at: Instant) -> Int64 {
            elapsed += max(0, at.unixMilliseconds - (last ?? at.unixMilliseconds))
            last = at.unixMilliseconds
            return elapsed
        }
        func close(_ id: String, _ at: Instant, _ end: Int64) {
            guard let start = began.removeValue(forKey: id), let request = requests[id], let gpu = request.gpu else {
                return
            }
            let cost = price(gpu)
            sessions.append(
                Session(
                    request: request, started: at.unixMilliseconds - (end - start), ended: at.unixMilliseconds,
                    milliCards: cost.milliCards, mib: cost.mib))
        }
        for entry in entries where requests[entry.reservationID]?.gpu != nil {
            if entry.to == .bound, began[entry.reservationID] == nil {
                began[entry.reservationID] = look(entry.at)
            } else if !entry.to.holdsCapacity, began[entry.reservationID] != nil {
                close(entry.reservationID, entry.at, look(entry.at))
            }
        }
        let end = began.isEmpty ? elapsed : look(now)
        for id in Array(began.keys) { close(id, now, end) }
    }

    /// Whole seconds for each name, from the start of `first` to the start of `end`.
    func sums(_ grouping: UsageGrouping, from first: Instant, to end: Instant) -> [UsageSum] {
        var parts: [String: (cards: Int64, mib: Int64)] = [:]
        for session in sessions {
            let length =
                min(session.ended, end.unixMilliseconds) - max(session.started, first.unixMilliseconds)
            guard length > 0 else { continue }
            let name = session.name(grouping)
            let before = parts[name] ?? (0, 0)
            parts[name] = (
                before.cards + length * Int64(session.milliCards), before.mib + length * Int64(session.mib)
            )
        }
        return parts.sorted { $0.key < $1.key }.map {
            UsageSum(name: $0.key, milliCardSeconds: $0.value.cards / 1000, mibSeconds: $0.value.mib / 1000)
        }
    }
}
