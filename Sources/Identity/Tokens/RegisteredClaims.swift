// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// The claims that decide whether a token counts, found in one walk over all of them.
struct RegisteredClaims {
    /// Whether `iss` is the text that was asked for; nil where there is none.
    var isFromIssuer: Bool?
    /// `sub` says something.
    var namesUser = false
    var audience: JSON?
    /// `azp`: the client that the token was issued to.
    var party: JSON?
    /// Keycloak's `typ`, which is a claim of its own beside the header's.
    var type: JSON?
    var expiry: ClaimedTime?
    var notBefore: ClaimedTime?
    var issued: ClaimedTime?
    /// Only ID tokens have these: they tie one to what came with it.
    var hasHash = false
    /// The groups are left out.
    var hasGroupsElsewhere = false
    var wlcgVersion: JSON?
    /// Keycloak writes the kind of a token into its id: `onltac:…` is a lightweight one.
    var hasLightID = false

    init(_ claims: JSON, issuer: String) {
        _ = claims.allMembers { member in
            read(member, issuer)
            return true
        }
    }

    /// Most claims are none of these, and their length tells.
    private mutating func read(_ member: JSONMember, _ issuer: String) {
        switch member.keyLength {
        case 3: readShort(member, issuer)
        case 6 where member.isKey("c_hash"), 7 where member.isKey("at_hash"): hasHash = true
        case 8 where member.isKey("wlcg.ver"): wlcgVersion = member.value
        // OpenID Connect Core section 5.6.2, as Entra ID uses it, and what it sends in the implicit flow.
        case 12 where member.isKey("_claim_names"): hasGroupsElsewhere = member.value["groups"] != nil
        case 9 where member.isKey("hasgroups"): hasGroupsElsewhere = member.value.bool == true || member.isValue("true")
        default: break
        }
    }

    private mutating func readShort(_ member: JSONMember, _ issuer: String) {
        if member.isKey("iss") {
            isFromIssuer = member.isValue(issuer)
        } else if member.isKey("sub") {
            namesUser = member.valueIsText
        } else if member.isKey("aud") {
            audience = member.value
        } else if member.isKey("exp") {
            // A token that is nearly over is over, and one that nearly counts does not yet.
            expiry = ClaimedTime(member, .down)
        } else if member.isKey("iat") {
            issued = ClaimedTime(member, .up)
        } else if member.isKey("nbf") {
            notBefore = ClaimedTime(member, .up)
        } else if member.isKey("azp") {
            party = member.value
        } else if member.isKey("jti") {
            hasLightID = member.valueHas("lt", at: 2) && member.valueHas(":", at: 6)
        } else if member.isKey("typ") {
            type = member.value
        }
    }
}
