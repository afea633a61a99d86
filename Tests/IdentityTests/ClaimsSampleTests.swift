// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import Testing

/// Claims as identity providers send them, each with a trap; what is to be read from them stands in `expected.json`.
struct ClaimsSampleTests {
    @Test(arguments: ["01", "03", "04", "10", "11"])
    func `roles are those that are expected at the paths that are given`(number: String) throws {
        let sample = try ClaimsSample(number)
        let paths = try #require(sample.expected["paths"]?.array).compactMap { path in
            ClaimPath(names: (path.array ?? []).compactMap(\.string))
        }
        let shape = sample.expected["split"]?.string.map { ClaimSource.Shape.joined(by: $0.unicodeScalars.first!) }
        let mapping = ClaimsMapping(
            roles: paths.filter { $0.names.last == "roles" }.map { ClaimSource($0, shape ?? .names) },
            groups: [.at("groups", shape ?? .names)],
            rolesIgnored: Set((sample.expected["ignore"]?.array ?? []).compactMap(\.string)))
        let subject = try sample.subject(mapping)
        #expect(subject.roles == (try sample.texts("roles")))
        if sample.expected["groups"] != nil { #expect(subject.groups == (try sample.texts("groups"))) }
        #expect(subject.posix == nil, "numbers in the token do not count unless the mapping names them")
    }

    @Test func `01: numeric ids are read where the mapping names them, and the audience may be a list`() throws {
        let mapping = ClaimsMapping(audiences: ["jupyterhub"], uid: .to("uidNumber"), gid: .to("gidNumber"))
        #expect(
            try ClaimsSample("01").subject(mapping).posix
                == PosixIdentity(uid: 20001, gid: 20000, supplementalGroups: []))
    }

    @Test func `02: a lightweight token is refused where roles are to be read from it, not taken for one without`()
        throws
    {
        let sample = try ClaimsSample("02")
        #expect(sample.expected["roles"]?.isNull == true)
        let path = try ClaimPath("realm_access.roles")
        #expect(throws: IdentityError.lightweightToken(missing: path)) {
            _ = try sample.subject(ClaimsMapping(roles: [ClaimSource(path)]))
        }
        #expect(try sample.subject(ClaimsMapping()).roles == nil, "who reads nothing from it misses nothing")
    }

    @Test func `03: names with dots, blanks and accents are taken as they are, and a client's name with dots is one`()
        throws
    {
        let mapping = ClaimsMapping(roles: [ClaimSource(try ClaimPath("realm_access.roles"))])
        #expect(try ClaimsSample("03").subject(mapping).roles == ["role.with.dots", "role with space", "RÖLE"])
        let dotted = ClaimsMapping(roles: [
            ClaimSource(try ClaimPath(#"resource_access.jupyter\.maxiv\.example\.org.roles"#))
        ])
        #expect(try ClaimsSample("03").subject(dotted).roles == ["basic"])
    }

    @Test func `04: Entra's users are known by tenant and object id together, and their groups by id`() throws {
        let mapping = ClaimsMapping(
            username: UsernameSource(claims: [.to("tid"), .to("oid")], joint: "-"), groups: [.at("groups")])
        let name = "11111111-2222-3333-4444-555555555555-99999999-aaaa-bbbb-cccc-000000000004"
        #expect(try ClaimsSample("04").subject(mapping, named: name).groups?.count == 2)
        #expect { _ = try ClaimsSample("04").subject(mapping, named: "cem@example.org") } throws: {
            if case .otherUsername = $0 as? IdentityError { true } else { false }
        }
    }

    @Test func `05: Entra's overage is refused where groups are to be read, and app roles go on to work`() throws {
        let sample = try ClaimsSample("05")
        #expect(throws: IdentityError.claimElsewhere(.to("groups"))) {
            _ = try sample.subject(ClaimsMapping(roles: [.at("roles")], groups: [.at("groups")]))
        }
        let subject = try sample.subject(ClaimsMapping(roles: [.at("roles")]))
        #expect(subject.roles == ["Jupyter.User"])
        #expect(subject.groups == nil)
    }

    @Test(arguments: ["06", "07"]) func `group, subgroups and role of each entitlement are told apart`(number: String)
        throws
    {
        let sample = try ClaimsSample(number)
        let allowed = ["urn:mace:egi.eu", "urn:geant:example.de", "urn:geant:example.de:gfz"]
        let read = try #require(sample.claims["eduperson_entitlement"]?.array).compactMap(\.string)
            .compactMap(AARCEntitlement.init).filter { allowed.contains($0.namespace) }
        let found = read.map { one in
            JSON([
                JSON(one.group[0]), JSON(one.group.dropFirst().map { JSON($0) }), one.role.map { JSON($0) } ?? .null,
            ])
        }
        #expect(JSON(found).isEquivalent(to: try #require(sample.expected["groups"])))
        if let authority = sample.expected["authority"]?.string {
            #expect(read.allSatisfy { $0.authority == authority })
        }
    }

    @Test func `06: a name of 71 characters is a name, and an authority can be asked for`() throws {
        let sample = try ClaimsSample("06")
        let name = try #require(sample.claims["sub"]?.string)
        #expect(name.count == 71)
        func subject(_ authority: String) throws -> Subject {
            let terms = AARCTerms(namespaces: ["urn:mace:egi.eu"], authorities: [authority])
            let source = ClaimSource.at("eduperson_entitlement", .aarc(terms))
            return try sample.subject(
                ClaimsMapping(
                    username: UsernameSource(claims: [.to("voperson_id")]), roles: [source], groups: [source]),
                named: name)
        }
        let groups = ["/vo.maxiv.example.org", "/vo.maxiv.example.org/biomax", "/fedcloud.egi.eu"]
        #expect(try subject("aai.egi.eu").groups == groups)
        #expect(
            try subject("aai.egi.eu").roles == [
                "/vo.maxiv.example.org:role=member", "/vo.maxiv.example.org/biomax:role=vm_operator",
                "/fedcloud.egi.eu:role=member",
            ])
        #expect(try subject("evil.example").groups == [], "the claim is there, and nothing in it is from them")
    }

    @Test func `07: capabilities, addresses and foreign namespaces are passed over`() throws {
        let sample = try ClaimsSample("07")
        let terms = AARCTerms(namespaces: ["urn:geant:example.de", "URN:geant:Example.de:gfz"])
        let source = ClaimSource.at("eduperson_entitlement", .aarc(terms))
        let subject = try sample.subject(ClaimsMapping(roles: [source], groups: [source]))
        #expect(subject.groups == ["/lab", "/lab/hydrology", "/lab/sub%3Aone", "/Lab"])
        #expect(subject.roles == ["/lab/hydrology:role=member", "/lab/sub%3Aone:role=chief scientist"])
        #expect(try sample.texts("rejected").count == 7 - 4)
    }

    @Test func `08: WLCG's groups keep their order, and a child does not imply its parent`() throws {
        let sample = try ClaimsSample("08")
        let mapping = ClaimsMapping(groups: [.at("wlcg.groups", .wlcg)])
        #expect(try sample.subject(mapping).groups == (try sample.texts("groups")))
    }

    @Test func `09: capabilities are read from the scopes, and the audience "any" must be asked for`() throws {
        let sample = try ClaimsSample("09")
        let source = ClaimSource.at("scope", .wlcg)
        #expect(
            try sample.subject(ClaimsMapping(entitlements: [source])).entitlements == (try sample.texts("capabilities"))
        )
        #expect(throws: IdentityError.wrongAudience) {
            _ = try sample.subject(ClaimsMapping(audiences: ["https://hub.example.org"], entitlements: [source]))
        }
        let any = ClaimsMapping(audiences: ["https://wlcg.cern.ch/jwt/v1/any"], entitlements: [source])
        #expect(try sample.subject(any).entitlements?.count == 4)
    }

    @Test func `10: a user without roles at CERN has none that are known`() throws {
        let mapping = ClaimsMapping(roles: [ClaimSource(try ClaimPath("resource_access.my-application.roles"))])
        #expect(try JSON(parsing: #"{"sub": "mcurie", "typ": "Bearer"}"#).subject(mapping).roles == nil)
    }

    @Test func `11: texts joined by commas are several names, and numbers may be texts`() throws {
        let mapping = ClaimsMapping(groups: [.at("groups", .joined(by: ","))])
        #expect(try ClaimsSample("11").subject(mapping).groups == ["/maxiv/biomax", "/maxiv/staff"])
    }

    @Test func `12: an affiliation counts where its organisation is the one that says so`() throws {
        let sample = try ClaimsSample("12")
        let source = ClaimSource.at(
            "eduperson_scoped_affiliation", .scoped(ScopeTerms(scopes: [], claim: .to("schac_home_organization"))))
        let aarc = AARCTerms(namespaces: ["urn:geant:example.de"])
        let mapping = ClaimsMapping(roles: [.at("eduperson_entitlement", .aarc(aarc))], entitlements: [source])
        let subject = try sample.subject(mapping)
        #expect(subject.roles == (try sample.texts("roles")))
        #expect(subject.entitlements == (try sample.texts("affiliation")))

        let foreign = try JSON(
            parsing: """
                {"schac_home_organization": "evil.example",
                 "eduperson_scoped_affiliation": ["staff@example.edu", "staff@EVIL.example"]}
                """)
        #expect(try foreign.subject(mapping).entitlements == ["staff@evil.example"])
    }
}
