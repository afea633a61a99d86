// SPDX-License-Identifier: Apache-2.0
package import Directory
package import Identity
package import SpawnPolicy

/// The directory that is asked about every user, and what its answers are for.
package struct DirectorySource: Sendable {
    package let terms: DirectoryTerms
    /// Nil leaves names as the image has them.
    package let overlay: OverlayTerms?
    /// Nil never reads the directory as a whole.
    package let sync: SyncTerms?
    /// The member of the claims that holds the answer.
    package let claim: String
    /// Whether its groups are the user's groups, as those of claims and hub are.
    package let addsGroups: Bool
    package let onFailure: Failure
    package let onUnknownPerson: UnknownPerson

    package enum Failure: String, Sendable, CaseIterable {
        /// Nothing is decided without it.
        case refuse
        /// Nothing is known of what it would have said.
        case unknown
    }

    package enum UnknownPerson: String, Sendable, CaseIterable {
        /// Whom the directory does not know gets nothing.
        case refuse
        /// Rules decide: the claim's `known` is false, and no groups are added.
        case pass
    }
}

/// A service that is asked about users to whom `when` applies.
package struct LookUpSource: Sendable {
    package let terms: LookUpTerms
    package let when: Rule
}
