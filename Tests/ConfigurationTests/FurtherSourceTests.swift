// SPDX-License-Identifier: Apache-2.0
import Configuration
import Directory
import Identity
import JSONTree
import SpawnPolicy
import Testing

/// `directory` and `lookups`.
struct FurtherSourceTests {
    private let people = "people: {base: \"ou=p,dc=x\"}"
    private func directory(_ more: String = "", urls: String = "ldaps://d.example.org") -> String {
        "directory: {urls: \"\(urls)\", \(people)\(more.isEmpty ? "" : ", ")\(more)}\n"
    }

    @Test func `a directory needs its address and where people are; the rest has good values`() throws {
        let outcome = try Sample(directory()).load()
        expect(outcome.faults + outcome.warnings, are: [])
        let source = try #require(outcome.site?.directory)
        #expect(source.terms == DirectoryTerms(servers: ["ldaps://d.example.org"], people: .init(base: "ou=p,dc=x")))
        #expect(source.claim == "directory" && !source.addsGroups)
        #expect(source.onFailure == .refuse && source.onUnknownPerson == .refuse)
        #expect(outcome.site?.hasFurtherSources == true)
        #expect(try Sample("").load().site?.hasFurtherSources == false)
    }

    @Test func `all that can be said of a directory reaches its terms`() throws {
        let text = """
            directory:
              urls: ["ldap://a.example.org", "ldaps://b.example.org:636"]
              ca_file: ca.pem
              bind_dn: "cn=berth,dc=x"
              bind_password_file: password
              schema: rfc2307bis
              people:
                {base: "ou=p,dc=x", filter: "(a=b)", name_attribute: mail, attributes: [cn], capitals: true, name_signs: "@"}
              groups: {base: "ou=g,dc=x", filter: "(|(c=d)(e=f))", name_attribute: ou, nested_depth: 3}
              ids: {use: optional, min: 500, max: 60000, shared: true, uid_attribute: uidN, gid_attribute: gidN}
              claim: ldap
              add_groups: true
              on_failure: unknown
              on_unknown_person: pass
              timeout: 9s
              connect_timeout: 3s
              connections: 7
              kept: 2m
              unknown_kept: 3s
            """
        let sample = try Sample(
            text, files: ["password": "pass word\n", "ca.pem": "-----BEGIN CERTIFICATE-----\n"])
        let outcome = sample.load()
        expect(outcome.faults + outcome.warnings, are: [])
        let source = try #require(outcome.site?.directory)
        var costs = DirectoryTerms.Costs(
            timeout: .seconds(9), connectTimeout: .seconds(3), connections: 7, foundKept: .seconds(120),
            unknownKept: .seconds(3))
        costs.keptMax = source.terms.costs.keptMax
        #expect(
            source.terms
                == DirectoryTerms(
                    servers: ["ldap://a.example.org", "ldaps://b.example.org:636"], startsTLS: true,
                    caFile: source.terms.caFile,
                    bind: .password(dn: "cn=berth,dc=x", try #require(BindPassword(Array("pass word".utf8)))),
                    people: .init(
                        base: "ou=p,dc=x", filter: "(a=b)", name: "mail", uid: "uidN", gid: "gidN", attributes: ["cn"],
                        names: PersonNameRule(capitals: true, signs: "@")),
                    groups: .init(
                        base: "ou=g,dc=x", filter: "(|(c=d)(e=f))", name: "ou", gid: "gidN",
                        way: .members(attributes: ["member", "uniqueMember"]), nestedDepth: 3),
                    ids: .init(use: .optional, range: 500...60_000, mayBeShared: true), costs: costs))
        #expect(source.terms.caFile.hasSuffix("/ca.pem") && source.claim == "ldap" && source.addsGroups)
        #expect(source.onFailure == .unknown && source.onUnknownPerson == .pass)
        #expect(!"\(source)".contains("pass word"))
    }

    @Test func `Active Directory's names and classes come with its schema`() throws {
        let site = try #require(
            try Sample(directory("schema: active-directory, groups: {base: \"dc=x\", member_of: memberOf}")).load().site
        )
        let terms = try #require(site.directory?.terms)
        #expect(terms.people.name == "sAMAccountName" && terms.people.names.capitals)
        #expect(terms.groups?.way == .memberOf(attribute: "memberOf") && terms.groups?.filter == "(objectClass=group)")
    }

    @Test func `memberUid lists names, beside attributes that list DNs`() throws {
        let groups = "{base: \"dc=x\", member_attributes: [member, memberuid, uniqueMember]}"
        let site = try #require(try Sample(directory("schema: rfc2307bis, groups: \(groups)")).load().site)
        let way = try #require(site.directory?.terms.groups?.way)
        #expect(way == .members(attributes: ["member", "uniqueMember"], names: "memberuid"))
    }

    @Test(arguments: [
        ("urls: \"ldap://d.example.org\", tls: none", "would be asked in clear text"),
        ("urls: \"http://d.example.org\"", "is no LDAP URL"), ("urls: \"ldap://a b\"", "is no LDAP URL"),
        ("urls: \"ldap://u:p@d.example.org\"", "is no LDAP URL"), ("urls: []", "is an empty list"),
        ("bind_dn: \"cn=a\"", "needs `bind_password_file` beside it"),
        ("bind_password_file: password", "needs `bind_dn` beside it"),
        ("bind_dn: \"cn=a\", bind_password_file: empty", "is empty"),
        ("bind_dn: \"cn=a\", bind_password_file: gone", "does not exist"),
        ("bind_dn: \"cn=a\", bind_password_file: password, sasl: external", "stands beside `bind_dn`"),
        ("ca_file: password", "holds no certificate"), ("bind_password: x", "a secret may not stand in this file"),
        ("people: {base: x, filter: \"(a=b\"}", "is no filter"), ("people: {base: x, filter: \"a=b\"}", "is no filter"),
        ("people: {base: x, filter: \"(a=b)(c=d)\"}", "is no filter"),
        ("people: {base: x, filter: \"(a=b)))(\"}", "is no filter"),
        ("people: {base: x, attributes: [\"cn;lang-sv\"]}", "is not a good name"),
        ("people: {base: x, attributes: [uid]}", "is what the claim calls something of its own"),
        ("people: {base: x, name_signs: \"@:\"}", "which has a meaning in passwd lines"),
        ("groups: {base: x, member_attributes: [a, b]}", "lists several attributes"),
        ("schema: rfc2307bis, groups: {base: x, member_attributes: [memberUid]}", "lists none that holds DNs"),
        ("groups: {base: x, member_attributes: [a], member_of: b}", "stands beside `member_of`"),
        ("ids: {min: 5000, max: 4000}", "is greater than `max`"), ("ids: {min: 0}", "0 is out of range"),
        ("on_failure: unknown", "lets servers start without the directory"),
        ("on_unknown_person: pass", "lets people start without ids"),
        ("add_groups: true", "adds groups, and none are read"),
        ("claim: iss", "is a claim of every token"), ("claim: \"a.b\"", "is not a good name"),
        ("timeout: 5m", "is out of range"),
    ])
    func `each slip of a directory is one fault`(more: String, words: String) throws {
        var parts = ["urls: \"ldaps://d.example.org\"", people]
        parts.removeAll { part in more.hasPrefix(part.prefix { $0 != ":" } + ":") }
        let text = "directory: {\((parts + [more]).joined(separator: ", "))}\n"
        let faults = try Sample(text, files: ["password": "p", "empty": "\n"]).load().faults
        #expect(faults.count == 1 && faults[0].contains(words) && faults[0].contains("directory"), "\(faults)")
    }

    @Test func `clear text and no password will do on this machine`() throws {
        for url in ["ldap://127.0.0.1:389", "ldap://localhost", "ldapi://%2Frun%2Fslapd%2Fldapi", "ldapi:///"] {
            let outcome = try Sample(directory("tls: none", urls: url)).load()
            expect(outcome.faults + outcome.warnings, are: [])
        }
    }

    // MARK: - Look-ups

    private func lookUp(_ more: String) -> String { "lookups: [{name: hr, \(more)}]\n" }

    @Test func `all that can be said of a look-up reaches its terms`() throws {
        let text = lookUp(
            """
            url: "https://hr.example.org/{user}", method: POST, token_file: token, timeout: 2s, kept: 5m,
            when: {group: staff}, on_failure: unknown, on_not_found: {value: {roles: []}}
            """)
        let outcome = try Sample(text, files: ["token": "t0ken-of-berth\n"]).load()
        expect(outcome.faults + outcome.warnings, are: [])
        let source = try #require(outcome.site?.lookUps.first)
        #expect(
            source.terms
                == LookUpTerms(
                    name: "hr", address: try LookUpAddress("https://hr.example.org/{user}"), method: .post,
                    token: ClientSecret("t0ken-of-berth"), timeout: .seconds(2), kept: .seconds(300),
                    onFailure: .unknown, onNotFound: .value(["roles": []])))
        #expect(source.when.test == .group("staff"))
        let plain = try #require(
            try Sample(lookUp("url: \"https://hr.example.org/{user}\"")).load().site?.lookUps.first)
        #expect(plain.terms == LookUpTerms(name: "hr", address: try LookUpAddress("https://hr.example.org/{user}")))
        #expect(plain.when == .everyone)
    }

    @Test(arguments: [
        ("url: \"http://hr.example.org/{user}\"", "is asked in clear text"),
        ("url: \"https://{user}/\"", "has a placeholder where the host is"),
        ("url: \"https://hr.example.org/{name}\"", "is no placeholder"), ("url: \"hr/x\"", "is no URL with a path"),
        ("method: PUT, url: \"https://h/\"", "is not possible here"),
        ("url: \"https://h/\", token: x", "a secret may not"),
        ("url: \"https://h/\", token_file: bad", "no HTTP header can carry"),
        ("url: \"https://h/\", on_failure: pass", "is not possible here"),
        ("url: \"https://h/\", on_failure: {values: 1}", "`values` is not known here"),
        ("url: \"https://h/\", timeout: 2m", "is out of range"),
        ("url: \"https://h/\", user_token: any", "is not possible here"),
        ("url: \"https://h/\", user_token: proven", "no hub sends any that it may have"),
        ("url: \"https://h/{claims.}\"", "is no placeholder"),
        ("url: \"https://h/{claims.hr.x}\"", "asks by the claim \"hr\", which a look-up"),
    ])
    func `each slip of a look-up is one fault`(more: String, words: String) throws {
        let faults = try Sample(lookUp(more), files: ["bad": "a b"]).load().faults
        #expect(faults.count == 1 && faults[0].contains(words) && faults[0].contains("lookups[0]"), "\(faults)")
    }

    @Test func `a user's token is shown by those hubs only that the look-up takes it from`() throws {
        let text = """
            deployments:
              proving: {hook_token_file: a.token, trust: token}
              trusted: {hook_token_file: b.token, trust: auth_state, token_auth_state_key: token}
              plain: {hook_token_file: c.token}
              login: {hook_token_file: d.token, trust: token, token_auth_state_key: id_token}
            identity: {issuers: [{issuer: "https://idp.example.org", audiences: [hub]}]}
            lookups:
              - {name: one, url: "https://h/", user_token: proven}
              - {name: two, url: "http://127.0.0.1:8/{claims.vo}", user_token: as_sent}

            """
        let files = Dictionary(uniqueKeysWithValues: "abcd".map { ("\($0).token", "\($0)-token-of-16-signs") })
        let outcome = try Sample(text, files: files).load()
        expect(outcome.faults, are: [])
        let site = try #require(outcome.site)
        #expect(site.lookUps.map(\.terms.usersToken) == [.proven, .asSent])
        #expect(site.deployments.map { $0.presents(.proven) } == [true, false, false, false])
        #expect(site.deployments.map { $0.presents(.asSent) } == [true, true, false, false])
    }

    @Test func `a user's token never goes in clear text, nor beside another`() throws {
        func faults(_ more: String) throws -> [String] {
            try Sample(lookUp(more), files: ["token": "t0ken-of-berth"]).load().faults
        }
        let clear = try faults("url: \"http://h.example.org/\", allow_http: true, user_token: as_sent")
        #expect(clear.contains { $0.contains("would be sent users' tokens in clear text") }, "\(clear)")
        let both = try faults("url: \"https://h/\", token_file: token, user_token: as_sent")
        #expect(both.contains { $0.contains("stands beside `user_token`") }, "\(both)")
    }

    @Test func `each source has a claim of its own`() throws {
        let one = "{name: hr, url: \"https://h/\"}"
        let text = directory("claim: hr") + "lookups: [\(one), \(one), {name: sub, url: \"https://h/\"}]\n"
        let faults = try Sample(text).load().faults
        #expect(faults.count == 3, "\(faults)")
        #expect(faults.count { $0.contains("the claim \"hr\" is taken already") } == 2)
        #expect(faults.contains { $0.contains("\"sub\" is a claim of every token") })
    }

    @Test func `what an issuer's entry reads from another source is told of hubs whose claims are not read`() throws {
        let text = """
            deployments:
              plain: {hook_token_file: production.token}
              trusted: {hook_token_file: other.token, trust: auth_state}
            identity:
              issuers:
                - issuer: https://idp.example.org
                  groups: [groups, proposals.teams, {claim: [proposals, more]}]
                  uid: account.uid
                  gid: account.gid
            lookups: [{name: proposals, url: "https://h/"}, {name: account, url: "https://h/"}]

            """
        let outcome = try Sample(text, files: ["other.token": "another-token-of-hubs"]).load()
        expect(outcome.faults, are: [])
        let unread = outcome.warnings.filter { $0.contains("is not read for users of \"plain\", none") }
        #expect(unread.count == 4, "\(outcome.warnings)")
        #expect(unread.contains { $0.contains("identity.issuers[0].uid") })
    }

    @Test func `a site with a directory alone needs no issuer`() throws {
        let text =
            directory("groups: {base: \"ou=g,dc=x\"}, add_groups: true")
            + "identity: {compare: {groups: {case: fold}}}\n"
            + "profiles: [{display_name: A, allow: {group: staff}}]\n"
        let outcome = try Sample(text).load()
        expect(outcome.faults + outcome.warnings, are: [])
        let trusting = "deployments: {a: {hook_token_file: production.token, trust: token}}\n"
        let faults = try Sample(text + trusting).load().faults
        #expect(faults.count == 1 && faults[0].contains("Add an issuer under `identity.issuers`"), "\(faults)")
    }

    @Test func `rules on a source's claim need no trust in the hub's`() throws {
        let rule = "profiles: [{display_name: A, allow: {claim: CLAIM, equals: x}}]\n"
        #expect(try warnings(in: directory() + rule.replacing("CLAIM", with: "directory.title")) == [])
        #expect(try warnings(in: directory() + rule.replacing("CLAIM", with: "title")).count == 1)
    }
}
