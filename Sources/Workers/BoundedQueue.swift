// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A queue with a most that may wait in it; some threads take, any thread offers without waiting.
package final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    package enum Offer { case taken, full, closed }

    private let capacity: Int
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    // Both are touched only with the lock held.
    private var waiting: [Element] = []
    private var isClosed = false

    package init(capacity: Int) {
        self.capacity = capacity
        lock = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    package func offer(_ element: Element) -> Offer {
        withLock {
            guard !isClosed else { return .closed }
            guard waiting.count < capacity else { return .full }
            waiting.append(element)
            pthread_cond_signal(changed)
            return .taken
        }
    }

    /// The oldest elements, at most `most`, at least one: waits for it. Empty only when closed and drained.
    package func take(atMost most: Int) -> [Element] {
        withLock {
            while waiting.isEmpty, !isClosed { pthread_cond_wait(changed, lock) }
            return taken(most)
        }
    }

    /// The same without waiting: empty where nothing waits.
    package func takeWaiting(atMost most: Int) -> [Element] { withLock { taken(most) } }

    private func taken(_ most: Int) -> [Element] {
        let taken = Array(waiting.prefix(most))
        waiting.removeFirst(taken.count)
        return taken
    }

    /// Nothing more is let in; what waits is still taken.
    package func close() {
        withLock {
            isClosed = true
            pthread_cond_broadcast(changed)
        }
    }

    private func withLock<Value>(_ work: () -> Value) -> Value {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return work()
    }
}
