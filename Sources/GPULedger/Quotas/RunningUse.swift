// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What runs now has used since a period began: two sums a scope, so that a form costs the same however many run.
struct RunningUse {
    private struct Sum {
        var milliCards = 0
        /// Each session's milli-cards times the milliseconds from the period's start to its own.
        var unusedMilliseconds = 0
    }

    /// Nil before anybody has asked.
    let start: Instant?
    private var sums: [QuotaScope: Sum] = [:]

    init() { start = nil }

    init(of charges: some Sequence<LedgerRows.StoredCharge>, since start: Instant) {
        self.start = start
        for charge in charges { count(charge, 1) }
    }

    /// - Parameter times: 1 for one that comes, -1 for one that goes.
    mutating func count(_ stored: LedgerRows.StoredCharge, _ times: Int) {
        guard let start, let from = stored.runningFrom else { return }
        let milliCards = times * stored.charge.milliCards
        for scope in stored.scopes {
            var sum = sums[scope] ?? Sum()
            sum.milliCards += milliCards
            sum.unusedMilliseconds += milliCards * Int(max(.zero, from - start).wholeMilliseconds)
            sums[scope] = sum.milliCards == 0 ? nil : sum
        }
    }

    func milliCardSeconds(in scope: QuotaScope, now: Instant) -> Int {
        guard let start, let sum = sums[scope] else { return 0 }
        let used = sum.milliCards * Int(max(.zero, now - start).wholeMilliseconds) - sum.unusedMilliseconds
        return max(0, used / 1000)
    }
}
