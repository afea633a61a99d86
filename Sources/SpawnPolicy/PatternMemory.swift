// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Answers of patterns about one subject's names, which do not change during a request: trying a pattern on each of
/// hundreds of groups takes longer than all other rules of a profile.
final class PatternMemory: Sendable {
    private struct Question: Hashable {
        let kind: Rule.Names
        let pattern: Pattern
    }

    private let answers = Mutex<[Question: Verdict]>([:])

    func verdict(_ kind: Rule.Names, _ pattern: Pattern, _ answer: () -> Verdict) -> Verdict {
        let question = Question(kind: kind, pattern: pattern)
        if let known = answers.withLock({ $0[question] }) { return known }
        let found = answer()
        answers.withLock { $0[question] = found }
        return found
    }
}
