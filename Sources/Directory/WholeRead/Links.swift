// SPDX-License-Identifier: Apache-2.0

/// From numbers to numbers, many to many, in as few bytes as that takes.
struct Links {
    private var starts: [UInt32]
    private let targets: [Int32]

    /// What `from` leads to, in the order in which it was said, which may hold one twice.
    subscript(from: Int32) -> ArraySlice<Int32> {
        guard from >= 0, Int(from) + 1 < starts.count else { return [] }
        return targets[Int(starts[Int(from)])..<Int(starts[Int(from) + 1])]
    }

    var count: Int { targets.count }

    /// Sorts by where they come from, in two passes.
    init(_ pairs: Pairs) {
        var starts = [UInt32](repeating: 0, count: Int((pairs.from.max() ?? -1) + 2))
        for from in pairs.from { starts[Int(from) + 1] += 1 }
        for place in starts.indices.dropFirst() { starts[place] += starts[place - 1] }
        var next = starts
        var targets = [Int32](repeating: 0, count: pairs.to.count)
        for (from, to) in zip(pairs.from, pairs.to) {
            targets[Int(next[Int(from)])] = to
            next[Int(from)] += 1
        }
        (self.starts, self.targets) = (starts, targets)
    }

    /// Links while they are collected.
    struct Pairs {
        fileprivate var from: [Int32] = []
        fileprivate var to: [Int32] = []

        var count: Int { from.count }

        mutating func add(_ from: Int32, _ to: Int32) {
            self.from.append(from)
            self.to.append(to)
        }
    }
}
