// SPDX-License-Identifier: Apache-2.0

/// How often, and for how long, a transaction is run again that was lost through no fault of its own.
struct Repeats {
    /// Deadlocks cannot be among Berths, which take their locks in one order; others' statements may meet ours.
    private static let conflictsMax = 5

    private let patience: Duration
    private var deadline = ContinuousClock.now
    private var conflicts = 0
    private var pause: UInt32 = 0
    /// Whether the server was waited for in vain: until it answers, nobody waits for it again.
    private var isAway = false

    init(patience: Duration) { self.patience = patience }

    /// To be called for each transaction, before it is run for the first time.
    mutating func begin() {
        deadline = .now + patience
        conflicts = 0
        pause = 25
    }

    mutating func succeeded() { isAway = false }

    /// The milliseconds to wait before the transaction is run again; nil when it is to fail.
    mutating func pause(after fault: StorageError) -> UInt32? {
        switch fault {
        case .conflict:
            conflicts += 1
            return conflicts <= Self.conflictsMax ? 1 << UInt32(conflicts) : nil
        case .unreachable:
            if ContinuousClock.now >= deadline { isAway = true }
            guard !isAway else { return nil }
            pause = min(pause * 2, 400)
            return pause
        case .cannotOpen, .readOnly, .diskFull, .busy, .corrupt, .notOurs, .newerSchema, .constraint, .overloaded,
            .closed, .other:
            return nil
        }
    }
}
