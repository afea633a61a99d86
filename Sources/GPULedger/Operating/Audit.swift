// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// Who changes something, and why: what an audit entry begins with.
package struct Operator: Sendable, Hashable {
    /// How the caller has proven themselves, and as whom: `token/oncall`, `hub/production/ada`.
    package let name: String
    package let role: String
    /// In their own words; may be empty.
    package let reason: String
    package let requestID: String

    package init(name: String, role: String, reason: String, requestID: String) {
        self.name = name
        self.role = role
        self.reason = reason
        self.requestID = requestID
    }
}

/// One thing that an operator has changed. Written with the change, never altered.
package struct AuditEntry: Sendable, Hashable {
    package enum Action: String, Sendable, CaseIterable {
        case drain, undrain, release, extend, reload
    }

    /// Grows with each entry.
    package let sequence: Int64
    package let at: Instant
    package let by: Operator
    package let action: Action
    /// The node's name or the reservation's id.
    package let target: String
    package let before: String
    package let after: String

    package init(
        sequence: Int64, at: Instant, by author: Operator, action: Action, target: String, before: String, after: String
    ) {
        self.sequence = sequence
        self.at = at
        self.by = author
        self.action = action
        self.target = target
        self.before = before
        self.after = after
    }
}
