// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Synchronization

/// Answers of a slow peer, kept for a while: bounded in number and weight, what came first goes first.
package final class AnswerMemory<Key: Hashable & Sendable, Answer: Sendable>: Sendable {
    fileprivate struct Entry {
        let answer: Answer
        let expiry: Instant
        let weight: Int
        let place: Int
    }

    fileprivate struct State {
        var entries: [Key: Entry] = [:]
        /// Keys in the order of their coming; a place may be one whose entry was replaced since.
        var order: [Key] = []
        /// How many came before the first that `order` holds, and how many of those that it holds are gone.
        var before = 0
        var gone = 0
        var weight = 0
    }

    private let most: Int
    private let weightMost: Int
    private let state = Mutex(State())

    /// - Parameter weightMost: what all kept answers may weigh together, in the unit of `keep`.
    package init(most: Int, weightMost: Int = .max) {
        self.most = most
        self.weightMost = weightMost
    }

    package var count: Int { state.withLock { $0.entries.count } }

    /// Nil where nothing is kept, or not any more.
    package func answer(for key: Key, at now: Instant) -> Answer? {
        guard let entry = state.withLock({ $0.entries[key] }), now < entry.expiry else { return nil }
        return entry.answer
    }

    /// Keeps it in place of what was kept for the key; a span of zero keeps nothing.
    package func keep(_ answer: Answer, for key: Key, until expiry: Instant, now: Instant, weight: Int = 0) {
        guard most > 0, weight <= weightMost, now < expiry else { return }
        state.withLock { state in
            state.drop(key)
            let place = state.before + state.order.count
            state.entries[key] = Entry(answer: answer, expiry: expiry, weight: weight, place: place)
            state.order.append(key)
            state.weight += weight
            while state.entries.count > most || state.weight > weightMost || state.order.count - state.gone > 2 * most {
                state.dropFirst()
            }
            // In lumps, so that dropping one does not move all the others.
            if state.gone > 1024 { state.close() }
        }
    }
}

extension AnswerMemory.State {
    fileprivate mutating func drop(_ key: Key) {
        if let entry = entries.removeValue(forKey: key) { weight -= entry.weight }
    }

    fileprivate mutating func dropFirst() {
        let key = order[gone]
        // Its place may have been taken by a later coming of the same key.
        if entries[key]?.place == before + gone { drop(key) }
        gone += 1
    }

    fileprivate mutating func close() {
        order.removeFirst(gone)
        before += gone
        gone = 0
    }
}
