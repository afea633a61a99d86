// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// What one part of the policy changes in a pod, with nothing left to fill in.
package struct PodChange: Sendable, Hashable {
    /// Who asks for it, for errors and for people: `rule staff-tools (line 12)`.
    package let origin: String
    /// An object with any of `server`, `containers` and `pod`, as the policy language has them.
    package let fields: JSON

    package init(origin: String, fields: JSON) {
        self.origin = origin
        self.fields = fields
    }
}
