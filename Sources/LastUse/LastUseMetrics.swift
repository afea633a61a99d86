// SPDX-License-Identifier: Apache-2.0
import CoreMetrics

/// What `/metrics` says of servers with an idle limit, as this replica knows them.
struct LastUseMetrics: Sendable {
    init() { note([:], of: 0) }

    func note(_ gaps: [LastUse.Gap: Int], of sessions: Int) {
        for gap in LastUse.Gap.allCases { meter(gap.rawValue).set(Int64(gaps[gap] ?? 0)) }
        meter("known").set(Int64(sessions - gaps.values.reduce(0, +)))
    }

    private func meter(_ lastUse: String) -> Meter {
        Meter(label: "berth_idle_sessions", dimensions: [("last_use", lastUse)])
    }
}
