// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Workers

/// Runs transactions one after another on a thread of its own and answers each when it is durable.
///
/// Transactions that wait at the same time share one commit, so that durability costs one write to the disk for all of
/// them. Each has a savepoint of its own: one that fails is undone alone. Should the shared transaction itself fall
/// (a full disk ends it), each is run again by itself; so a body must be safe to run twice.
package final class TransactionWriter: Sendable {
    private let loop: WriterLoop

    /// - Parameters:
    ///   - queueMax: how many transactions may wait; the next one is answered `StorageError.overloaded`.
    ///   - groupMax: how many may share one commit.
    ///   - afterChange: called on the writer's thread when a commit that changed rows has returned, before anybody
    ///     is answered.
    ///   - afterBegin: called on the writer's thread when a shared transaction has begun, and again when one that fell
    ///     is run anew.
    package init(
        _ connection: sending any SQLConnection,
        queueMax: Int = 1024,
        groupMax: Int = 128,
        afterChange: @escaping @Sendable (any SQLConnection) -> Void = { _ in },
        afterBegin: @escaping @Sendable () -> Void = {}
    ) {
        loop = WriterLoop(
            connection, queueMax: queueMax, groupMax: groupMax, afterBegin: afterBegin, afterChange: afterChange)
        startThread { [loop] in loop.run() }
    }

    deinit { loop.queue.close() }

    /// Gives the body's value once everything it wrote is durable; when this throws, nothing of it was kept.
    ///
    /// Waits without holding up the caller's executor. Cancelling the caller's task does not undo the transaction.
    package func transaction<Value: Sendable, Failure: StorageFailure>(
        _ body: @escaping @Sendable (any SQLConnection) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            let waiting = WaitingTransaction(body) { continuation.resume(returning: $0) }
            if let refusal = loop.refusal(of: waiting) { waiting.fail(refusal) }
        }
        return try result.get()
    }

    /// Finishes what waits, then closes the connection; later transactions are answered `StorageError.closed`.
    package func close() async {
        await withCheckedContinuation { continuation in
            loop.close { continuation.resume() }
        }
    }
}

/// The writer's thread and what it owns.
private final class WriterLoop: @unchecked Sendable {
    let queue: BoundedQueue<WaitingTransaction>
    // Used by the writer's thread only, from `run` on.
    private let connection: any SQLConnection
    private let database: String
    private let queueMax: Int
    private let groupMax: Int
    private let afterBegin: @Sendable () -> Void
    private let afterChange: @Sendable (any SQLConnection) -> Void
    private let ending = Mutex(Ending())

    private struct Ending {
        var hasEnded = false
        var awaiting: [@Sendable () -> Void] = []
    }

    init(
        _ connection: any SQLConnection,
        queueMax: Int,
        groupMax: Int,
        afterBegin: @escaping @Sendable () -> Void,
        afterChange: @escaping @Sendable (any SQLConnection) -> Void
    ) {
        self.connection = connection
        self.database = connection.name
        self.queueMax = queueMax
        self.groupMax = groupMax
        self.afterBegin = afterBegin
        self.afterChange = afterChange
        queue = BoundedQueue(capacity: queueMax)
    }

    func refusal(of waiting: WaitingTransaction) -> StorageError? {
        switch queue.offer(waiting) {
        case .taken: nil
        case .full: .overloaded(database: database, waiting: queueMax)
        case .closed: .closed(database: database)
        }
    }

    func close(_ then: @escaping @Sendable () -> Void) {
        queue.close()
        let hasEnded = ending.withLock {
            if !$0.hasEnded { $0.awaiting.append(then) }
            return $0.hasEnded
        }
        if hasEnded { then() }
    }

    func run() {
        while true {
            let group = queue.take(atMost: groupMax)
            if group.isEmpty { break }
            commit(group)
        }
        connection.close()
        let awaiting = ending.withLock {
            $0.hasEnded = true
            return $0.awaiting
        }
        for told in awaiting { told() }
    }

    private func commit(_ group: [WaitingTransaction]) {
        let changesBefore = connection.changes
        do throws(Fall) {
            let attempts = try attempt(group)
            if connection.changes != changesBefore { afterChange(connection) }
            for attempt in attempts { attempt.answer() }
        } catch {
            connection.rollback()
            settle(group, after: error)
        }
    }

    /// All of the group, durable when this returns; a body that failed was undone and is an attempt like the others.
    private func attempt(_ group: [WaitingTransaction]) throws(Fall) -> [WaitingTransaction.Attempt] {
        var attempts: [WaitingTransaction.Attempt] = []
        try Fall.wrapping { () throws(StorageError) in try connection.begin() }
        afterBegin()
        for waiting in group { attempts.append(try attempt(waiting)) }
        try Fall.wrapping { () throws(StorageError) in try connection.commit() }
        return attempts
    }

    private func attempt(_ waiting: WaitingTransaction) throws(Fall) -> WaitingTransaction.Attempt {
        try Fall.wrapping { () throws(StorageError) in _ = try connection.execute("SAVEPOINT one") }
        let attempt = waiting.attempt(connection)
        guard connection.isInTransaction else { throw .body(attempt) }
        try Fall.wrapping { () throws(StorageError) in
            if !attempt.succeeded { try connection.execute("ROLLBACK TO SAVEPOINT one") }
            try connection.execute("RELEASE SAVEPOINT one")
        }
        return attempt
    }

    /// Whichever cannot be written must not take the others with it; one that is alone is told why.
    private func settle(_ group: [WaitingTransaction], after fall: Fall) {
        switch fall {
        // Waiting for the lock once is enough; trying each alone would wait for all.
        case .database(let error) where error.isBusy || group.count == 1:
            for waiting in group { waiting.fail(error) }
        case .body(let attempt) where group.count == 1 && !attempt.succeeded:
            attempt.answer()
        case .body where group.count == 1:
            group[0].fail(.other(database: database, code: 0, detail: "the transaction was lost"))
        case .database, .body:
            for waiting in group { commit([waiting]) }
        }
    }

    /// How a shared transaction is lost: the database refused, or a body met an error that ended it for all.
    private enum Fall: StorageFailure {
        case database(StorageError)
        case body(WaitingTransaction.Attempt)
        init(_ storage: StorageError) { self = .database(storage) }
    }
}
