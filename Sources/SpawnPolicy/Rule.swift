// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// Who may: a condition on a subject, with the line of the policy file that says so.
package struct Rule: Sendable, Hashable {
    package let test: Test
    /// 1-based line in the file; 0 for the rule that is not written: everyone.
    package let line: Int

    package init(_ test: Test, line: Int) {
        self.test = test
        self.line = line
    }

    package static let everyone = Rule(.everyone, line: 0)

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
        /// True when one is; `any: []` is nobody.
        case any([Rule])
        /// True when each is; `all: []` is everyone.
        case all([Rule])
        case not(Rule)
    }
}

/// The answer of a rule: a missing claim is unknown, and unknown does not allow, however it is turned.
package enum Verdict: Sendable, Hashable {
    case yes
    case no
    case unknown
}
