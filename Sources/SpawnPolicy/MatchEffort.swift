// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How hard patterns may still be tried for one decision, over all rules and names.
///
/// The bound for one text is not enough: a user may have thousands of groups. Once all is spent every further pattern
/// is unknown, and the decision as a whole is refused, since something may have been missed.
final class MatchEffort: Sendable {
    /// In steps of PCRE2, some tenths of a second: room for two thousand names against thirty patterns that look about
    /// in each.
    static let most = 25_000_000

    private let state = Mutex(State())

    private struct State {
        var left = MatchEffort.most
        var verdicts: [Question: Verdict] = [:]
    }

    var isSpent: Bool { state.withLock { $0.left < 0 } }

    /// False, and from then on, where that is more than is left.
    func spend(_ steps: Int) -> Bool {
        state.withLock { state in
            if state.left >= 0 { state.left -= steps }
            return state.left >= 0
        }
    }

    /// Many items have the same rule: each pattern is tried once at the names of a kind.
    func verdict(on question: Question, _ found: () -> Verdict) -> Verdict {
        if let verdict = state.withLock({ $0.verdicts[question] }) { return verdict }
        let verdict = found()
        state.withLock { $0.verdicts[question] = verdict }
        return verdict
    }

    struct Question: Hashable {
        let pattern: Pattern
        let names: Rule.Names
        /// Of the memberships that rules give, which only become more while a decision is made.
        let grantedCount: Int
    }
}
