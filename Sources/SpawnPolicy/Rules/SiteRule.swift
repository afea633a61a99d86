// SPDX-License-Identifier: Apache-2.0

/// An entry of `rules`: all that hold apply, in their order.
package struct SiteRule: Sendable {
    package let name: String
    package let when: Rule
    /// Of the rules with the same word here, only the strongest that holds applies.
    package let exclusive: String?
    /// The higher, the later.
    package let priority: Int
    package let forEach: ForEach?
    package let set: SetBlock
    package let grants: Granted?
    /// What a user reads whose start this rule refuses.
    package let refusal: String?
    package let line: Int

    package init(
        name: String, when: Rule, exclusive: String? = nil, priority: Int = 0, forEach: ForEach? = nil,
        set: SetBlock = SetBlock(), grants: Granted? = nil, refusal: String? = nil, line: Int
    ) {
        self.name = name
        self.when = when
        self.exclusive = exclusive
        self.priority = priority
        self.forEach = forEach
        self.set = set
        self.grants = grants
        self.refusal = refusal
        self.line = line
    }

    /// What a user counts as beside what the hub and the claims say, under this policy only.
    package struct Granted: Sendable, Hashable {
        package var isAdmin = false
        package var roles: [String] = []
        package var groups: [String] = []
        package var entitlements: [String] = []
        /// Every `allow` is met.
        package var isExempt = false
        package init() {}
    }

    /// As messages name it.
    package var words: String { "rule \(name) (line \(line))" }
}

extension Rule {
    /// Whether the answer depends on the choices of a start, beside its profile.
    package var asksForChoice: Bool {
        switch test {
        case .chosen: true
        case .any(let rules), .all(let rules): rules.contains(where: \.asksForChoice)
        case .not(let rule): rule.asksForChoice
        default: false
        }
    }

    package var asksForProfile: Bool {
        switch test {
        case .profile: true
        case .any(let rules), .all(let rules): rules.contains(where: \.asksForProfile)
        case .not(let rule): rule.asksForProfile
        default: false
        }
    }
}
