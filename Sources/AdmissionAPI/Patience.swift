// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Waits so long and no longer.
enum Patience {
    /// What `work` gives; nil where it takes longer than `span`. It goes on then, unheard: what it does may take effect.
    static func wait<Value: Sendable>(
        _ span: Duration, for work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        await withCheckedContinuation { continuation in
            let answer = Answer(continuation)
            let clock = Task {
                try? await Task.sleep(for: span)
                answer.give(nil)
            }
            Task {
                answer.give(await work())
                clock.cancel()
            }
        }
    }

    /// The first one counts.
    private final class Answer<Value: Sendable>: Sendable {
        private let waiting: Mutex<CheckedContinuation<Value?, Never>?>

        init(_ continuation: CheckedContinuation<Value?, Never>) { waiting = Mutex(continuation) }

        func give(_ value: Value?) { waiting.withLock { $0.take() }?.resume(returning: value) }
    }
}
