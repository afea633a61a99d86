// SPDX-License-Identifier: Apache-2.0

/// A sorted set whose copies share what is the same, in runs of limited length: finding, adding and removing look at
/// one run, and iterating begins where it should.
struct SortedKeys<Key: Comparable & Sendable>: Sendable {
    /// In order, and none empty.
    private var runs: [[Key]] = []

    private static var runMax: Int { 256 }

    var isEmpty: Bool { runs.isEmpty }
    var count: Int { runs.reduce(0) { $0 + $1.count } }

    mutating func insert(_ key: Key) {
        guard !runs.isEmpty else { return runs.append([key]) }
        let run = min(firstRun(from: key), runs.count - 1)
        let place = runs[run].firstPlace(from: key)
        guard place == runs[run].count || runs[run][place] != key else { return }
        runs[run].insert(key, at: place)
        if runs[run].count > Self.runMax { split(run) }
    }

    mutating func remove(_ key: Key) {
        let run = firstRun(from: key)
        guard run < runs.count else { return }
        let place = runs[run].firstPlace(from: key)
        guard place < runs[run].count, runs[run][place] == key else { return }
        runs[run].remove(at: place)
        if runs[run].isEmpty { runs.remove(at: run) }
    }

    /// The first key from `start` on, in order, for which `isWanted` holds.
    func first(from start: Key, where isWanted: (Key) -> Bool = { _ in true }) -> Key? {
        var found: Key?
        visit(from: start) { key in
            guard isWanted(key) else { return true }
            found = key
            return false
        }
        return found
    }

    /// Calls `body` with each key from `start` on, in order, until it says false.
    func visit(from start: Key, _ body: (Key) -> Bool) {
        for run in firstRun(from: start)..<max(runs.count, firstRun(from: start)) {
            let keys = runs[run]
            for place in keys.firstPlace(from: start)..<keys.count {
                guard body(keys[place]) else { return }
            }
        }
    }

    /// Calls `body` with each key, the last first, until it says false.
    func visitBackwards(_ body: (Key) -> Bool) {
        for run in runs.reversed() {
            for key in run.reversed() { guard body(key) else { return } }
        }
    }

    private mutating func split(_ run: Int) {
        let half = runs[run].count / 2
        runs.insert(Array(runs[run][half...]), at: run + 1)
        runs[run].removeSubrange(half...)
    }

    /// The first run whose last key is not before `key`.
    private func firstRun(from key: Key) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if let last = runs[middle].last, last < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Array where Element: Comparable {
    /// The place of the first element that is not before `key`, in a sorted array.
    fileprivate func firstPlace(from key: Element) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
