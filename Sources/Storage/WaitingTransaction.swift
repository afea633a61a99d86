// SPDX-License-Identifier: Apache-2.0

/// A caller's transaction with its body's types put away, so that different ones can stand in one queue.
struct WaitingTransaction: Sendable {
    /// Runs the body once; its outcome is answered later, when the commit has returned.
    let attempt: @Sendable (any SQLConnection) -> Attempt
    /// Answers that it was not done.
    let fail: @Sendable (StorageError) -> Void

    struct Attempt: Sendable {
        let succeeded: Bool
        let answer: @Sendable () -> Void
    }

    init<Value: Sendable, Failure: StorageFailure>(
        _ body: @escaping @Sendable (any SQLConnection) throws(Failure) -> Value,
        answer: @escaping @Sendable (Result<Value, Failure>) -> Void
    ) {
        attempt = { connection in
            do throws(Failure) {
                let value = try body(connection)
                return Attempt(succeeded: true) { answer(.success(value)) }
            } catch {
                return Attempt(succeeded: false) { answer(.failure(error)) }
            }
        }
        fail = { answer(.failure(Failure($0))) }
    }
}
