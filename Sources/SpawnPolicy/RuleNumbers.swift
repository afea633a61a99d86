// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Gives the rules of one policy their numbers: a large site asks the same of a hundred profiles and images.
package struct RuleNumbers {
    private var known: [Rule.Test: Int] = [:]

    package init() {}

    /// What is started is not the subject's: a rule about it has no number.
    package mutating func rule(_ test: Rule.Test, line: Int) -> Rule {
        let rule = Rule(test, line: line)
        guard !rule.asksForProfile, !rule.asksForChoice else { return rule }
        let (question, next) = (test.withoutLines, known.count)
        let number = known[question] ?? next
        known[question] = number
        return Rule(test, line: line, number: number)
    }
}

extension Rule.Test {
    /// The same wherever it is written.
    fileprivate var withoutLines: Rule.Test {
        switch self {
        case .any(let rules): .any(rules.map(\.withoutLine))
        case .all(let rules): .all(rules.map(\.withoutLine))
        case .not(let rule): .not(rule.withoutLine)
        case .claimElement(let path, let rule): .claimElement(path: path, rule.withoutLine)
        case .everyone, .role, .group, .entitlement, .user, .admin, .deployment, .claim, .claimPresent, .claimNumber,
            .claimMatches, .matches, .profile, .chosen:
            self
        }
    }
}

extension Rule {
    fileprivate var withoutLine: Rule { Rule(test.withoutLines, line: 0) }
}

/// What one subject's rules have answered, by their numbers.
final class VerdictMemory: Sendable {
    private let verdicts = Mutex<[Verdict?]>([])

    subscript(number: Int) -> Verdict? { verdicts.withLock { number < $0.count ? $0[number] : nil } }

    func keep(_ verdict: Verdict, of number: Int) {
        verdicts.withLock { verdicts in
            if number >= verdicts.count { verdicts += repeatElement(nil, count: number + 1 - verdicts.count) }
            verdicts[number] = verdict
        }
    }
}
