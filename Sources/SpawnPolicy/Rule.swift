// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// Who may: a condition on a subject, with the line of the policy file that says so.
package struct Rule: Sendable {
    package let test: Test
    /// 1-based line in the file; 0 for the rule that is not written: everyone.
    package let line: Int
    /// The same for all rules of a file that ask the same, so that each is judged once a subject; nil: judged each time.
    let number: Int?

    package init(_ test: Test, line: Int) { self.init(test, line: line, number: nil) }

    init(_ test: Test, line: Int, number: Int?) {
        self.test = test
        self.line = line
        self.number = number
    }

    package static let everyone = Rule(.everyone, line: 0)

    /// What most choices have, and a form has thousands of them.
    var isForEveryone: Bool {
        if case .everyone = test { true } else { false }
    }

    package indirect enum Test: Sendable, Hashable {
        case everyone
        case role(String)
        case group(String)
        case entitlement(String)
        case user(String)
        case admin(Bool)
        case deployment(String)
        /// The claim at `path` (member names, outermost first) is the value, or is a list that holds it.
        case claim(path: [String], equals: JSON)
        /// The claim at `path` is there and is not null.
        case claimPresent(path: [String])
        /// The number at `path`, or one in the list there, keeps the bound. A text that spells a number counts as one,
        /// since some providers send all as texts; anything else leaves it unknown.
        case claimNumber(path: [String], Bound)
        /// The text at `path`, or one in the list there, matches as a whole.
        case claimMatches(path: [String], Pattern)
        /// One element of the list at `path` meets the rule, whose own claims start at that element. A single object
        /// counts as a list of one.
        case claimElement(path: [String], Rule)
        /// One of the names matches as a whole.
        case matches(Names, Pattern)
        /// One of these profiles, by slug, is started.
        case profile([String])
        /// The option's chosen id is one of these. Unknown where nothing is chosen yet.
        case chosen(option: String, among: [String])
        /// True when one is; `any: []` is nobody.
        case any([Rule])
        /// True when each is; `all: []` is everyone.
        case all([Rule])
        case not(Rule)
    }
}

/// A number says nothing that the test does not.
extension Rule: Hashable {
    package static func == (a: Rule, b: Rule) -> Bool { a.line == b.line && a.test == b.test }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(test)
        hasher.combine(line)
    }
}

extension Rule {
    /// The names that a pattern may look at.
    package enum Names: String, Sendable, CaseIterable {
        case role, group, entitlement, user
    }

    /// A limit that a number keeps or does not.
    package struct Bound: Sendable, Hashable {
        package let relation: Relation
        /// A JSON number.
        package let limit: JSON

        package init(_ relation: Relation, _ limit: JSON) {
            self.relation = relation
            self.limit = limit
        }

        package enum Relation: String, Sendable, CaseIterable {
            case atLeast = "at_least"
            case atMost = "at_most"
            case lessThan = "less_than"
            case moreThan = "more_than"
        }

        /// Nil where the value is no number.
        func isKept(by value: JSON) -> Bool? {
            let number = value.string.flatMap(JSON.init(numberSpelling:)) ?? value
            return switch relation {
            case .atLeast: number.isBelow(limit).map(!)
            case .lessThan: number.isBelow(limit)
            case .atMost: limit.isBelow(number).map(!)
            case .moreThan: limit.isBelow(number)
            }
        }
    }
}

/// The answer of a rule: a missing claim is unknown, and unknown does not allow, however it is turned.
package enum Verdict: Sendable, Hashable {
    case yes
    case no
    case unknown
}
