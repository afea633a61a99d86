// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import Testing

struct AuthStateClaimsTests {
    private static let authState: JSON = [
        "access_token": "s3cret", "tokens": ["x": "s3cret"], "ACCESS_TOKEN_SECRET": "s3cret", "scope": ["a", "b"],
        "oauth_user": [
            "name": "ana", "Id_Token": "s3cret", "of": [["refresh_token": "s3cret", "site": "x"]], "tokenGroups": ["g"],
        ],
        "teams": [["slug": "fellows", "organization": ["login": "lab"]]],
    ]

    @Test func `of the auth state as a whole all counts but what is secret`() throws {
        let claims = try #require(AuthStateClaims.claims(of: Self.authState, under: "."))
        #expect(
            claims.isEquivalent(to: [
                "scope": ["a", "b"],
                "oauth_user": ["name": "ana", "of": [["site": "x"]], "tokenGroups": ["g"]],
                "teams": [["slug": "fellows", "organization": ["login": "lab"]]],
            ]), "\(claims.text)")
        let subject = try claims.subject(
            ClaimsMapping(
                username: UsernameSource(claims: [try ClaimPath("oauth_user.name")]), groups: [.at("scope")]))
        #expect(subject.groups == ["a", "b"] && !subject.claims.text.contains("s3cret"))
    }

    @Test func `of one member nothing else counts, and no token in it`() throws {
        let claims = try #require(AuthStateClaims.claims(of: Self.authState, under: "oauth_user"))
        #expect(claims["scope"] == nil && claims["name"] == "ana" && !claims.text.contains("s3cret"))
        #expect(AuthStateClaims.claims(of: Self.authState, under: "other") == nil)
    }

    @Test func `groups that are to be had elsewhere are missed a step further down too`() throws {
        let claims: JSON = ["oauth_user": ["_claim_names": ["groups": "src1"]]]
        let path = try ClaimPath("oauth_user.groups")
        #expect(throws: IdentityError.claimElsewhere(path)) {
            try claims.subject(ClaimsMapping(groups: [ClaimSource(path)]))
        }
    }
}
