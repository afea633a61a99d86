// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Work that is done once for all who ask for it while it is under way.
final class SharedWork<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let underWay = Mutex<[Key: Task<Value, Never>]>([:])

    /// Its own task: whoever asked first may be gone before it ends.
    func result(of key: Key, _ work: @escaping @Sendable () async -> Value) async -> Value {
        let task = underWay.withLock { underWay in
            if let task = underWay[key] { return task }
            let task = Task {
                let value = await work()
                self.underWay.withLock { $0[key] = nil }
                return value
            }
            underWay[key] = task
            return task
        }
        return await task.value
    }
}
