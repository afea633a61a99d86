// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// A user as policy sees them: who the hub says it is, and what their token claims say.
///
/// A membership that is `nil` is *unknown* (the claim is missing), which is not the same as none (an empty claim):
/// a rule that needs it then neither allows nor, turned round by `not`, allows.
package struct Subject: Sendable {
    package let name: String
    package let isAdmin: Bool
    package let deployment: String
    package let roles: [String]?
    package let groups: [String]?
    package let entitlements: [String]?
    /// All claims, a JSON object; rules may look at a path in it.
    package let claims: JSON
    /// Whether a token's claims are among them; where they are only a directory's and look-ups' own, nothing is known of
    /// any other.
    package let hasTokenClaims: Bool
    /// Members of the claims that a source would fill which was not heard: nothing in them is known, neither that it is
    /// there nor that it is not.
    package let unheard: Set<String>
    /// Numeric ids for the pod, where claims carry them; `nil` leaves the ids that the hub chose.
    package let posix: PosixIdentity?

    package init(
        name: String, isAdmin: Bool, deployment: String, roles: [String]?, groups: [String]?,
        entitlements: [String]?, claims: JSON, hasTokenClaims: Bool = true,
        unheard: Set<String> = [], posix: PosixIdentity?
    ) {
        self.name = name
        self.isAdmin = isAdmin
        self.deployment = deployment
        self.roles = roles
        self.groups = groups
        self.entitlements = entitlements
        self.claims = claims
        self.hasTokenClaims = hasTokenClaims
        self.unheard = unheard
        self.posix = posix
    }
}

/// The numeric ids that a user's processes carry.
package struct PosixIdentity: Hashable, Sendable {
    /// 1 to 2^31 - 1: root is never a user's id.
    package let uid: Int
    /// 1 to 2^31 - 1.
    package let gid: Int
    /// Ascending, without repeats and without `gid`.
    package let supplementalGroups: [Int]

    /// Nil when an id is out of range.
    package init?(uid: Int, gid: Int, supplementalGroups: [Int]) {
        let range = 1...Int(Int32.max)
        guard ([uid, gid] + supplementalGroups).allSatisfy(range.contains) else { return nil }
        self.uid = uid
        self.gid = gid
        self.supplementalGroups = Set(supplementalGroups).subtracting([gid]).sorted()
    }
}
