// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Workers

/// Runs transactions one after another on a thread of its own and answers each when it is durable.
///
/// Transactions that wait at the same time share one commit, so that durability costs one write to the disk for all of
/// them. Should the shared transaction fall (a full disk ends it, or a body fails that has written something), each is run
/// again by itself; and where the connection was lost or the database had it give way, the whole is run again, for some
/// seconds. So a body must be safe to run twice.
package final class TransactionWriter: Sendable {
    private let loop: WriterLoop

    /// - Parameters:
    ///   - queueMax: how many transactions may wait; the next one is answered `StorageError.overloaded`.
    ///   - groupMax: how many may share one commit.
    ///   - patience: for how long a transaction is run again while its server cannot be reached.
    ///   - afterChange: called on the writer's thread after each commit that changed rows or has found that others
    ///     did, before anybody is answered.
    ///   - afterBegin: called on the writer's thread when a shared transaction has begun, and again when one that fell
    ///     is run anew.
    package init(
        _ connection: sending any SQLConnection,
        queueMax: Int = 1024,
        groupMax: Int = 128,
        patience: Duration = .seconds(5),
        afterChange: @escaping @Sendable (any SQLConnection) -> Void = { _ in },
        afterBegin: @escaping @Sendable () -> Void = {}
    ) {
        loop = WriterLoop(
            connection, queueMax: queueMax, groupMax: groupMax, patience: patience, afterBegin: afterBegin,
            afterChange: afterChange)
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
