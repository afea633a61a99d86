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

    private let left = Mutex(MatchEffort.most)

    var isSpent: Bool { left.withLock { $0 < 0 } }

    /// False, and from then on, where that is more than is left.
    func spend(_ steps: Int) -> Bool {
        left.withLock { left in
            if left >= 0 { left -= steps }
            return left >= 0
        }
    }
}
