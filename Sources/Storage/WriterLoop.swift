// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Workers

/// The writer's thread and what it owns.
final class WriterLoop: @unchecked Sendable {
    let queue: BoundedQueue<WaitingTransaction>
    // Used by the writer's thread only, from `run` on.
    private let connection: any SQLConnection
    private let database: String
    private let queueMax: Int
    private let groupMax: Int
    private var repeats: Repeats
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
        patience: Duration,
        afterBegin: @escaping @Sendable () -> Void,
        afterChange: @escaping @Sendable (any SQLConnection) -> Void
    ) {
        self.connection = connection
        self.database = connection.name
        self.queueMax = queueMax
        self.groupMax = groupMax
        repeats = Repeats(patience: patience)
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
            commit(group, joinedMax: groupMax)
        }
        connection.close()
        let awaiting = ending.withLock {
            $0.hasEnded = true
            return $0.awaiting
        }
        for told in awaiting { told() }
    }

    /// - Parameter joinedMax: how many the group may become, by those who come while its bodies run.
    private func commit(_ first: [WaitingTransaction], joinedMax: Int) {
        var group = first
        repeats.begin()
        while true {
            do throws(Fall) {
                try commitOnce(&group, joinedMax)
                return repeats.succeeded()
            } catch {
                connection.rollback()
                if case .database(let fault) = error, let pause = repeats.pause(after: fault) {
                    Pause.milliseconds(pause)
                } else {
                    return settle(group, after: error)
                }
            }
        }
    }

    private func commitOnce(_ group: inout [WaitingTransaction], _ joinedMax: Int) throws(Fall) {
        let changesBefore = connection.changes
        let attempts = try attempt(&group, joinedMax)
        if connection.changes != changesBefore || connection.othersHaveWritten { afterChange(connection) }
        for attempt in attempts { attempt.answer() }
    }

    /// All of the group, durable when this returns; a body that failed without a trace is an attempt like the others.
    ///
    /// Those who were answered together ask again one after the other: without those who come meanwhile, the first of them
    /// would have a commit to itself, and all others would wait for it.
    private func attempt(
        _ group: inout [WaitingTransaction], _ joinedMax: Int
    ) throws(Fall) -> [WaitingTransaction.Attempt] {
        var attempts: [WaitingTransaction.Attempt] = []
        try Fall.wrapping { () throws(StorageError) in try connection.begin() }
        afterBegin()
        while attempts.count < group.count {
            attempts.append(try attempt(group[attempts.count]))
            if attempts.count == group.count { group += queue.takeWaiting(atMost: joinedMax - group.count) }
        }
        try Fall.wrapping { () throws(StorageError) in try connection.commit() }
        return attempts
    }

    /// Bodies decide before they write, so one that fails has hardly ever written: then the whole is undone for it, and
    /// each is run by itself. A savepoint for each would cost every one of them a fifteenth of its time.
    private func attempt(_ waiting: WaitingTransaction) throws(Fall) -> WaitingTransaction.Attempt {
        let changesBefore = connection.changes
        let attempt = waiting.attempt(connection)
        if let fault = connection.faultToRepeat { throw .database(fault) }
        let leavesNothing = attempt.succeeded || connection.changes == changesBefore
        guard connection.canGoOn, leavesNothing else { throw .body(attempt) }
        return attempt
    }

    /// Whichever cannot be written must not take the others with it; one that is alone is told why.
    private func settle(_ group: [WaitingTransaction], after fall: Fall) {
        switch fall {
        // Waiting once is enough; trying each alone would wait for all.
        case .database(let error) where error.concernsAll || group.count == 1:
            for waiting in group { waiting.fail(error) }
        case .body(let attempt) where group.count == 1 && !attempt.succeeded:
            attempt.answer()
        case .body where group.count == 1:
            group[0].fail(.other(database: database, code: "0", detail: "the transaction was lost"))
        case .database, .body:
            for waiting in group { commit([waiting], joinedMax: 1) }
        }
    }

    /// How a shared transaction is lost: the database refused, or a body has left what must be undone.
    private enum Fall: StorageFailure {
        case database(StorageError)
        case body(WaitingTransaction.Attempt)
        init(_ storage: StorageError) { self = .database(storage) }
    }
}
