// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

/// The account of GPU capacity: who may have what, for how long, from the moment of the decision on.
///
/// Every decision is one transaction of the database, read and written there, so that the database's order is the
/// order of the decisions. An answer is given when it is durable. What is free is never kept as a number: it is summed
/// over the sets of live reservations that `Picture` keeps, which follows the journal inside each transaction.
package final class Ledger: Sendable {
    let writer: TransactionWriter
    /// As of the last commit; what availability is answered from.
    let picture: SharedPicture
    private let views: CommittedViews
    let watched = WatchedCluster()
    let reservationPods = SeenReservationPods()

    /// Opens the ledger in a SQLite file.
    package convenience init(path: String, inventory: Inventory) throws(LedgerError) {
        try self.init(.file(path), inventory: inventory)
    }

    /// Opens the ledger, making or migrating its tables, and reads what is live.
    ///
    /// Waits for the disk or the server; meant for the start of the process.
    ///
    /// - Throws: `LedgerError.notWritable`, `.corrupt` or `.inventoryFault`; the database is then as it was before.
    package init(_ store: LedgerStore, inventory: Inventory) throws(LedgerError) {
        let catalogue = try DeviceCatalogue(inventory)
        let opened = try LedgerError.wrapping { () throws(StorageError) in
            let connection = try store.open()
            let rows = LedgerRows(connection)
            return Opened(
                connection: connection, picture: try Picture.reading(rows, catalogue), outside: try rows.outside(),
                views: try CommittedViews(reading: rows))
        }
        let picture = SharedPicture(opened.picture, opened.outside)
        self.picture = picture
        let views = opened.views
        self.views = views
        let watched = watched
        writer = TransactionWriter(
            opened.connection,
            afterChange: {
                picture.renew(from: $0)
                views.follow(LedgerRows($0))
                watched.follow(LedgerRows($0))
            },
            afterBegin: {
                picture.begin()
                watched.begin()
            })
    }

    private struct Opened {
        let connection: any SQLConnection
        let picture: Picture
        let outside: OutsideUse
        let views: CommittedViews
    }

    var useInView: UseInView { views.use }

    /// Holds what `request` asks for, for its server's start, until a pod uses it or the hold time is over.
    ///
    /// Safe to call again: the same request of the same start gets the reservation that it got before. A new start of
    /// a server replaces the reservation of its former start, if there is room with that one gone.
    ///
    /// - Throws: `LedgerError.startConflict` when this start had asked for something else, `.startEnded` when its
    ///   reservation is over, `.unknownPool`, `.amountMismatch`; with a cluster, `.clusterUnseen` and `.rebuilding` where
    ///   nobody knows what is in use. Nothing is written then.
    package func reserve(
        _ request: ReservationRequest, under quotas: Quotas = .none
    ) async throws(LedgerError) -> ReserveOutcome {
        let picture = picture
        return try await transaction(at: request.now) { (rows, now) throws(LedgerError) in
            try rows.reserve(request.asked(at: now), in: picture, under: quotas)
        }
    }

    /// Says that the hub has the reservation's pod, or runs the server itself.
    ///
    /// The walltime counts from now, or from when the cluster shows the notebook running. Binding twice gives the same
    /// answer as once.
    ///
    /// - Parameter isPodless: the hub runs the server itself: no cluster will ever show it.
    /// - Throws: `LedgerError.unknownReservation`, `.notYours` when it is another server's, `.ended`.
    package func bind(
        _ id: String, server: ServerID, isPodless: Bool = false, now: Instant
    ) async throws(LedgerError) -> Reservation {
        try await transaction(at: now) { (rows, now) throws(LedgerError) in
            try rows.bind(id, server: server, isPodless: isPodless, now: now)
        }
    }

    /// Frees what `start` of `server` holds; without a start, whatever the server holds. Where a cluster shows pods, the
    /// word alone frees nothing: the reservation is then released once its pod is gone.
    ///
    /// An earlier start never frees a later one. Releasing twice is no error.
    ///
    /// - Parameter id: the reservation that the caller means, where it knows.
    /// - Throws: `LedgerError.notYours` when `id` is another server's.
    package func release(
        _ server: ServerID,
        start: StartID?,
        id: String? = nil,
        now: Instant
    ) async throws(LedgerError) -> ReleaseOutcome {
        try await transaction(at: now) { (rows, now) throws(LedgerError) in
            try rows.release(server, start: start, id: id, now: now)
        }
    }

    /// Ends reservations that no pod has used within their hold time, and gives them, oldest first. Those that a cluster
    /// has to be asked about are left to `observe`; nothing is ended in a turn that finds the wall clock set, nor by a
    /// process that does not keep the ledger's clock.
    ///
    /// At most `expireMax` at a time; when as many come back, call again.
    package func expire(now: Instant) async throws(LedgerError) -> [Reservation] {
        let (watched, reading) = (watched, watched.reading(at: now))
        return try await transaction(at: now) { (rows, now) throws(LedgerError) in
            if let reading {
                let settled = try rows.stored { () throws(StorageError) in try watched.settle(rows, reading) }
                guard settled.isKept, settled.jump == .zero else { return [] }
            }
            return try rows.expire(now: now, most: Self.expireMax)
        }
    }

    package static let expireMax = 500

    var catalogue: DeviceCatalogue { picture.catalogue }

    /// The reservation if it is bound, as of the last commit. Waits for nothing; nil says only that the database has to
    /// be asked.
    package func boundReservation(_ id: String) -> Reservation? { views.bound[id] }

    /// Nil when there never was one with this id.
    package func reservation(_ id: String) async throws(LedgerError) -> Reservation? {
        try await withRows { (rows) throws(StorageError) in try rows.reservation(id)?.reservation }
    }

    /// The newest first, at most `listMax`.
    package func reservations(includingEnded: Bool) async throws(LedgerError) -> [Reservation] {
        try await withRows { (rows) throws(StorageError) in
            try rows.list(includingEnded: includingEnded, most: Self.listMax).map(\.reservation)
        }
    }

    package static let listMax = 10_000

    /// The journal's next entries, in order; at most `listMax`.
    package func entries(after sequence: Int64) async throws(LedgerError) -> [LedgerEntry] {
        try await withRows { (rows) throws(StorageError) in try rows.entries(after: sequence, most: Self.listMax) }
    }

    /// Writes to the ledger in earnest: returns when the write is durable.
    package func check() async throws(LedgerError) {
        try await writer.transaction { (connection) throws(LedgerError) in
            try LedgerError.wrapping { () throws(StorageError) in
                _ = try connection.execute("UPDATE ledger_check SET checks = checks + 1")
            }
        }
    }

    /// Finishes what waits and closes the database; every later call throws `LedgerError.closed`.
    package func close() async { await writer.close() }

    /// One transaction over the rows, for reading and writing.
    func withRows<Value: Sendable>(
        _ body: @escaping @Sendable (LedgerRows) throws(StorageError) -> Value
    ) async throws(LedgerError) -> Value {
        try await writer.transaction { (connection) throws(LedgerError) in
            try LedgerError.wrapping { () throws(StorageError) in try body(LedgerRows(connection)) }
        }
    }

    /// One transaction in which times are compared or written, or what a cluster shows has a say.
    ///
    /// - Parameter body: is given the time by the ledger's clock.
    func transaction<Value: Sendable>(
        at wall: Instant,
        _ body: @escaping @Sendable (LedgerRows, Instant) throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        let (watched, reading) = (watched, watched.reading(at: wall))
        return try await writer.transaction { (connection) throws(LedgerError) in
            let now = watched.time(at: wall, reading)
            return try body(LedgerRows(connection, watched.standing(at: now)), now)
        }
    }
}
