// SPDX-License-Identifier: Apache-2.0
import Foundation
import Identity
import JSONTree
import SpawnModel
import Testing

/// Claims as identity providers send them. Entitlements in AARC's grammar (sample 06), WLCG scopes, organisations and
/// lists joined by commas (11) are compared as plain texts here; reading their structure is later work.
struct ProviderSampleTests {
    private func subject(_ sample: String, _ mapping: ClaimsMapping) throws -> Subject {
        let file = try #require(Bundle.module.url(forResource: "Claims/\(sample)", withExtension: "json"))
        let claims = try JSON(parsing: Array(Data(contentsOf: file)))
        let user = HubUser(name: "ana", isAdmin: false, groups: [])
        return try SubjectReader(mappings: [mapping]).subject(for: user, claims: claims, deployment: "prod")
    }

    @Test func `Keycloak's realm and client roles are joined, without those that everybody has`() throws {
        let mapping = ClaimsMapping(
            issuer: "https://kc.example.org/realms/lab", audiences: ["jupyterhub"],
            roles: [try ClaimPath("realm_access.roles"), try ClaimPath("resource_access.jupyterhub.roles")],
            groups: [try ClaimPath("groups")],
            rolesIgnored: ["offline_access", "default-roles-lab", "uma_authorization"])
        let subject = try subject("01-keycloak-access", mapping)
        #expect(subject.roles == ["staff", "gpu-large", "power-user"])
        #expect(subject.groups == ["/beamlines/biomax", "/beamlines/biomax/leads", "/staff"])
        #expect(subject.entitlements == nil)
        #expect(subject.posix == nil, "numbers in the token do not count unless the mapping names them")
    }

    @Test func `numeric ids are read where the mapping names them`() throws {
        let mapping = ClaimsMapping(uid: try ClaimPath("uidNumber"), gid: try ClaimPath("gidNumber"))
        #expect(
            try subject("01-keycloak-access", mapping).posix
                == PosixIdentity(uid: 20001, gid: 20000, supplementalGroups: []))
    }

    @Test func `a lightweight token without roles leaves them unknown, not empty`() throws {
        let mapping = ClaimsMapping(audiences: ["jupyterhub"], roles: [try ClaimPath("realm_access.roles")])
        #expect(try subject("02-keycloak-lightweight", mapping).roles == nil)
    }

    @Test func `a client's name with dots is one name`() throws {
        for path in [
            #"resource_access.jupyter\.maxiv\.example\.org.roles"#, "/resource_access/jupyter.maxiv.example.org/roles",
        ] {
            #expect(
                try subject("03-keycloak-dotted-client", ClaimsMapping(roles: [try ClaimPath(path)])).roles == ["basic"]
            )
        }
    }

    @Test func `Entra's roles and group ids are taken as they are`() throws {
        let mapping = ClaimsMapping(roles: [try ClaimPath("roles")], groups: [try ClaimPath("groups")])
        let subject = try subject("04-entra-v2-roles-groups", mapping)
        #expect(subject.roles == ["Jupyter.GPU", "Jupyter.User"])
        #expect(subject.groups?.count == 2)
    }

    @Test func `Entra's overage leaves the groups unknown`() throws {
        let mapping = ClaimsMapping(roles: [try ClaimPath("roles")], groups: [try ClaimPath("groups")])
        let subject = try subject("05-entra-overage", mapping)
        #expect(subject.groups == nil)
        #expect(subject.roles == ["Jupyter.User"])
    }

    @Test func `entitlements are texts in their order`() throws {
        let mapping = ClaimsMapping(entitlements: [try ClaimPath("eduperson_entitlement")])
        let entitlements = try #require(try subject("06-egi-checkin-userinfo", mapping).entitlements)
        #expect(entitlements.count == 3)
        #expect(entitlements.first == "urn:mace:egi.eu:group:vo.maxiv.example.org:role=member#aai.egi.eu")
    }

    @Test func `WLCG's groups keep their order, and a child does not imply its parent`() throws {
        let subject = try subject("08-wlcg-groups", ClaimsMapping(groups: [try ClaimPath(#"wlcg\.groups"#)]))
        #expect(subject.groups == ["/maxiv/biomax", "/maxiv"])
    }

    @Test func `CERN's client roles are found`() throws {
        let mapping = ClaimsMapping(roles: [try ClaimPath("resource_access.my-application.roles")])
        #expect(try subject("10-cern-sso", mapping).roles == ["gpu-user", "default-role"])
    }

    @Test func `a single text is one value, not split`() throws {
        let mapping = ClaimsMapping(roles: [try ClaimPath("roles")])
        #expect(try subject("11-glewlwyd-comma-string", mapping).roles == ["gpu-large,power-user"])
    }

    @Test func `claims without any membership leave all unknown`() throws {
        let mapping = ClaimsMapping(roles: [try ClaimPath("roles")], groups: [try ClaimPath("groups")])
        let subject = try subject("12-edugain-schac-userinfo", mapping)
        #expect(subject.roles == nil)
        #expect(subject.groups == nil)
    }
}

struct SubjectReaderTests {
    static let path = ClaimPath(names: ["groups"])!
    static let ids = ClaimsMapping(
        uid: ClaimPath(names: ["uid"])!, gid: ClaimPath(names: ["gid"])!,
        supplementalGroups: ClaimPath(names: ["gids"])!)

    private func subject(
        _ claims: String?, _ mappings: [ClaimsMapping] = [ClaimsMapping(groups: [path])], hubGroups: [String] = []
    ) throws -> Subject {
        try SubjectReader(mappings: mappings).subject(
            for: HubUser(name: "ana", isAdmin: true, groups: hubGroups), claims: claims.map { try JSON(parsing: $0) },
            deployment: "prod")
    }

    @Test func `the hub's name, admin flag and deployment are the subject's, whatever the claims say`() throws {
        let subject = try subject(#"{"preferred_username": "root", "admin": false}"#)
        #expect(subject.name == "ana")
        #expect(subject.isAdmin)
        #expect(subject.deployment == "prod")
    }

    @Test func `groups of claims and hub are joined, each once`() throws {
        #expect(try subject(#"{"groups": ["a", "b", "a"]}"#, hubGroups: ["b", "c"]).groups == ["a", "b", "c"])
        #expect(try subject("{}", hubGroups: ["c"]).groups == ["c"])
        #expect(try subject(nil, hubGroups: ["c"]).groups == ["c"])
    }

    @Test func `groups are unknown while neither claims nor hub say anything, and none where the claim is empty`()
        throws
    {
        #expect(try subject("{}").groups == nil)
        #expect(try subject(#"{"groups": null}"#).groups == nil)
        #expect(try subject(nil).groups == nil)
        #expect(try subject("null").groups == nil)
        #expect(try subject(#"{"groups": []}"#).groups == [])
        #expect(try subject(#"{"groups": ""}"#).groups == [])
    }

    @Test(arguments: [
        #"{"groups": {"a": 1}}"#, #"{"groups": [["a"]]}"#, #"{"groups": ["a", null]}"#, #"{"groups": 1}"#,
        #"{"groups": [{"name": "a"}]}"#, #"{"groups": true}"#,
    ])
    func `a membership that is not names is an error, not an empty list`(claims: String) {
        #expect { _ = try subject(claims) } throws: {
            if case .notNames(Self.path, _) = $0 as? IdentityError { true } else { false }
        }
    }

    @Test func `claims that are no object are an error`() {
        #expect(throws: IdentityError.notAnObject(.array)) { _ = try subject("[]") }
    }

    @Test(arguments: [
        (#"{"uid": 1001, "gid": 100}"#, [1001, 100]), (#"{"uid": "1001", "gid": "100"}"#, [1001, 100]),
        (#"{"uid": 1001.0, "gid": 1e2}"#, [1001, 100]), (#"{"uid": 2147483647, "gid": 1}"#, [2_147_483_647, 1]),
        (#"{"uid": 1, "gid": 2, "gids": [5, "4", 2, 5]}"#, [1, 2, 4, 5]),
        (#"{"uid": 1, "gid": 2, "gids": 7}"#, [1, 2, 7]),
    ]) func `numeric ids are numbers or digits`(claims: String, ids: [Int]) throws {
        let posix = try #require(try subject(claims, [Self.ids]).posix)
        #expect([posix.uid, posix.gid] + posix.supplementalGroups == ids)
    }

    @Test(arguments: [
        #"{"uid": 0, "gid": 1}"#, #"{"uid": "0", "gid": 1}"#, #"{"uid": -5, "gid": 1}"#, #"{"uid": "-5", "gid": 1}"#,
        #"{"uid": 2147483648, "gid": 1}"#, #"{"uid": "99999999999999999999", "gid": 1}"#, #"{"uid": 1, "gid": 0}"#,
        #"{"uid": 1, "gid": 1, "gids": [0]}"#, #"{"uid": 1, "gid": 1, "gids": [4294967295]}"#,
    ]) func `root and ids out of range are errors`(claims: String) {
        #expect { _ = try subject(claims, [Self.ids]) } throws: {
            if case .idOutOfRange = $0 as? IdentityError { true } else { false }
        }
    }

    @Test(arguments: [
        #"{"uid": "", "gid": 1}"#, #"{"uid": "ana", "gid": 1}"#, #"{"uid": "1 ", "gid": 1}"#,
        #"{"uid": "+1", "gid": 1}"#,
        #"{"uid": "0x10", "gid": 1}"#, #"{"uid": 1.5, "gid": 1}"#, #"{"uid": true, "gid": 1}"#,
        #"{"uid": [1], "gid": 1}"#,
        #"{"uid": "١", "gid": 1}"#, #"{"uid": 1, "gid": 1, "gids": {"a": 1}}"#,
    ]) func `what is not a numeric id is an error`(claims: String) {
        #expect { _ = try subject(claims, [Self.ids]) } throws: {
            if case .notAnID = $0 as? IdentityError { true } else { false }
        }
    }

    @Test func `ids that are missing leave those of the hub, and half of them is an error`() throws {
        #expect(try subject("{}", [Self.ids]).posix == nil)
        #expect(try subject(#"{"uid": null, "gid": null}"#, [Self.ids]).posix == nil)
        #expect(throws: IdentityError.incompleteIDs(missing: ClaimPath(names: ["gid"])!)) {
            _ = try subject(#"{"uid": 1}"#, [Self.ids])
        }
        #expect(throws: IdentityError.incompleteIDs(missing: ClaimPath(names: ["uid"])!)) {
            _ = try subject(#"{"gid": 1}"#, [Self.ids])
        }
    }

    @Test func `the issuer chooses the mapping`() throws {
        let mappings = [
            ClaimsMapping(issuer: "https://a.example", groups: [ClaimPath(names: ["x"])!]),
            ClaimsMapping(issuer: "https://b.example", groups: [ClaimPath(names: ["y"])!]),
        ]
        #expect(try subject(#"{"iss": "https://b.example", "x": ["1"], "y": ["2"]}"#, mappings).groups == ["2"])
        #expect(throws: IdentityError.unknownIssuer("https://c.example")) {
            _ = try subject(#"{"iss": "https://c.example"}"#, mappings)
        }
        #expect(throws: IdentityError.unknownIssuer(nil)) { _ = try subject("{}", mappings) }
        #expect(try subject(#"{"x": ["1"]}"#, [mappings[0]]).groups == ["1"], "userinfo names no issuer")
    }

    @Test func `claims for another audience are refused, and claims without one are not`() throws {
        let mapping = ClaimsMapping(audiences: ["jupyterhub"])
        #expect(throws: IdentityError.wrongAudience) { _ = try subject(#"{"aud": "other"}"#, [mapping]) }
        #expect(throws: IdentityError.wrongAudience) { _ = try subject(#"{"aud": []}"#, [mapping]) }
        #expect(throws: IdentityError.wrongAudience) { _ = try subject(#"{"aud": 5}"#, [mapping]) }
        #expect(try subject(#"{"aud": ["account", "jupyterhub"]}"#, [mapping]).name == "ana")
        #expect(try subject("{}", [mapping]).name == "ana")
    }
}
