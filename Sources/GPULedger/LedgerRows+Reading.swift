// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

/// A reservation with what the ledger alone needs to know of it.
struct StoredReservation {
    let reservation: Reservation
    let walltime: Duration?
    /// When the hub said that it has stopped, or a later start took its place.
    let stopWantedAt: Instant?
    /// The hub runs the server itself.
    let isPodless: Bool
    /// What it counts for, and since when; nil without a GPU.
    let charge: LedgerRows.StoredCharge?

    static let columns = """
        id, deployment, user_name, server_name, start, state, revision, pool, amount, device_count, request_mib,
        limit_mib, terms, walltime_ms, created_at_unix_ms, held_until_unix_ms, ends_by_unix_ms,
        stop_wanted_at_unix_ms, is_podless
        """

    private init(
        _ row: SQLRow, placement: [Reservation.Placement], charge: LedgerRows.StoredCharge?
    ) throws(StorageError) {
        walltime = try row.integerOrNull(13).map(Duration.milliseconds)
        stopWantedAt = try row.integerOrNull(17).map(Instant.init(unixMilliseconds:))
        isPodless = try row.integer(18) == 1
        var reservation = Reservation(
            id: try row.text(0),
            server: ServerID(deployment: try row.text(1), user: try row.text(2), name: try row.text(3)),
            start: try StartID(try row.text(4)).orCorrupt("start"),
            state: try Reservation.State(rawValue: try row.text(5)).orCorrupt("state"),
            revision: Int(try row.integer(6)),
            gpu: try Self.request(row),
            placement: placement,
            terms: try row.text(12),
            createdAt: Instant(unixMilliseconds: try row.integer(14)),
            heldUntil: Instant(unixMilliseconds: try row.integer(15)),
            endsBy: try row.integerOrNull(16).map(Instant.init(unixMilliseconds:))
        )
        reservation.charge = charge?.charge
        self.charge = charge
        self.reservation = reservation
    }

    /// Of rows with the columns of `reservation`, its number, its charge and one of its placements, those of one
    /// reservation beside each other.
    static func all(joined rows: [SQLRow]) throws(StorageError) -> [StoredReservation] {
        var (all, start) = ([StoredReservation](), 0)
        while start < rows.count {
            let id = try rows[start].text(0)
            var (end, placement) = (start, [Reservation.Placement]())
            while end < rows.count, try rows[end].text(0) == id {
                if let place = try Reservation.Placement(
                    rows[end], from: chargeColumn + LedgerRows.StoredCharge.columnCount)
                {
                    placement.append(place)
                }
                end += 1
            }
            let charge = try LedgerRows.StoredCharge(joined: rows[start], from: chargeColumn)
            placement.sort { $0.device < $1.device }
            all.append(try StoredReservation(rows[start], placement: placement, charge: charge))
            start = end
        }
        return all
    }

    /// Of the same rows. SQLite would make a table to sort the few that a server has.
    static func newestFirst(_ rows: [SQLRow]) throws(StorageError) -> [SQLRow] {
        guard rows.count > 1 else { return rows }
        return try rows.mapRows { (row) throws(StorageError) in (row, number: try row.integer(chargeColumn - 1)) }
            .sorted { $0.number > $1.number }.map(\.0)
    }

    /// Behind its own columns and the number.
    private static let chargeColumn = 20

    private static func request(_ row: SQLRow) throws(StorageError) -> GPURequest? {
        guard let pool = try row.textOrNull(7) else { return nil }
        return GPURequest(pool: pool, amount: try amount(row))
    }

    /// From columns 8 to 11.
    static func amount(_ row: SQLRow) throws(StorageError) -> GPUAmount {
        switch try row.text(8) {
        case "cards": .cards(Int(try row.integer(9)))
        case "mig-instances": .migInstances(Int(try row.integer(9)))
        case "share": .share(request: MiB(Int(try row.integer(10))), limit: MiB(Int(try row.integer(11))))
        case let other: throw .corrupt(database: "the ledger", detail: "\(other) is not an amount")
        }
    }
}

extension Hold {
    init(_ row: SQLRow) throws(StorageError) {
        self.init(
            reservationID: try row.text(0),
            pool: try row.text(1),
            mode: try Mode(rawValue: try row.text(6)).orCorrupt("mode"),
            place: Place(
                node: try row.text(7),
                card: try row.text(8),
                device: try row.text(9),
                units: Int(try row.integer(10)),
                memory: MiB(Int(try row.integer(11))),
                limit: MiB(Int(try row.integer(12))),
                slot: try MIGSlot(row)
            ),
            lasts: try Lasting(row)
        )
    }
}

extension Lasting {
    fileprivate init(_ row: SQLRow) throws(StorageError) {
        let state = try Reservation.State(rawValue: try row.text(2)).orCorrupt("state")
        let heldUntil = Instant(unixMilliseconds: try row.integer(3))
        let walltime = try row.integerOrNull(4).map(Duration.milliseconds)
        let endsBy = try row.integerOrNull(5).map(Instant.init(unixMilliseconds:))
        switch state {
        case .held: self = .held(heldUntil: heldUntil, walltime: walltime)
        // Its walltime may not have begun.
        case .bound: self = endsBy == nil ? .held(heldUntil: heldUntil, walltime: walltime) : .bound(endsBy: endsBy)
        case .running, .releasing: self = .bound(endsBy: endsBy)
        // Nobody can say when.
        case .overdue, .lost, .released, .expired, .cancelled, .failed: self = .bound(endsBy: nil)
        }
    }
}

extension Reservation.Placement {
    /// Nil where the row has none.
    fileprivate init?(_ row: SQLRow, from column: Int) throws(StorageError) {
        guard let node = try row.textOrNull(column) else { return nil }
        self.init(
            node: node, device: try row.text(column + 1), units: Int(try row.integer(column + 2)),
            onDemandCard: try row.textOrNull(column + 3))
    }
}

extension LedgerEntry {
    init(_ row: SQLRow) throws(StorageError) {
        self.init(
            sequence: try row.integer(0),
            reservationID: try row.text(1),
            from: try row.textOrNull(2).flatMap(Reservation.State.init(rawValue:)),
            to: try Reservation.State(rawValue: try row.text(3)).orCorrupt("state"),
            cause: try Cause(rawValue: try row.text(4)).orCorrupt("cause"),
            evidence: try row.text(5),
            epoch: try row.integer(6),
            at: Instant(unixMilliseconds: try row.integer(7)),
            revision: Int(try row.integer(8))
        )
    }
}

extension Optional {
    func orCorrupt(_ word: String) throws(StorageError) -> Wrapped {
        guard let self else { throw .corrupt(database: "the ledger", detail: "a row has no valid \(word)") }
        return self
    }
}
