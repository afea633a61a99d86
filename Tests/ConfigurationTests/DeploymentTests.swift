// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import GPULedger
import HTTPServer
import Identity
import JSONTree
import Sockets
import SpawnModel
import Testing

@Suite struct DeploymentTests {
    @Test func `a deployment keeps what its hub is told by`() throws {
        let text = """
            deployments:
              production: {hook_token_file: production.token, namespace: jupyter}
              next:
                {hook_token_file: next.token, trust: auth_state, user_auth_state_key: claims,
                issuer: "https://b.example.org", start_timeout: 15m}
            identity:
              issuers: [{issuer: "https://a.example.org"}, {issuer: "https://b.example.org", roles: [roles]}]
            """
        let site = try #require(try Sample(text, files: ["next.token": "another-token-for-next\n"]).load().site)
        #expect(site.deployments.map(\.name) == ["production", "next"])
        let production = try #require(site.deployment("production"))
        let next = try #require(site.deployment("next"))
        #expect(
            production.trust == .none && production.namespace == "jupyter" && production.startTimeout == .seconds(600))
        #expect(next.trust == .authState && next.userAuthStateKey == "claims" && next.startTimeout == .seconds(900))
        #expect(next.hookToken.matches(Array("another-token-for-next".utf8)))
        #expect(site.subjectReader(for: next).mappings.map(\.issuer) == ["https://b.example.org"])
        #expect(site.subjectReader(for: production).mappings.count == 2)
    }

    @Test func `a missing token file is a fault to serve and a warning to check`() throws {
        let text = "deployments: {a: {hook_token_file: secrets/a.token}}\n"
        let words =
            "berth.yaml:1:36: deployments.a.hook_token_file: the token file \"secrets/a.token\" does not exist. "
            + "Make one with `openssl rand -hex 32`, give it to the hub, and keep it to Berth (`chmod 600`)."
        expect(try faults(in: text, .required), are: [words])
        let checked = try Sample(text).load(.optional)
        expect(checked.faults, are: [])
        expect(checked.warnings, are: [words])
        #expect(checked.site?.deployments[0].hookToken.isKnown == false)
        #expect(checked.site?.deployments[0].hookToken.matches([]) == false)
    }

    @Test func `an empty, a short and a blank-ridden token are faults in either case`() throws {
        let text =
            "deployments: {a: {hook_token_file: a}, b: {hook_token_file: b}, c: {hook_token_file: c}, d: {hook_token_file: .}}\n"
        let files = ["a": "\n", "b": "fifteen-letters", "c": "sixteen letters or more"]
        for secrets in [SecretsNeed.required, .optional] {
            let found = try faults(in: text, files: files, secrets).map { $0.split(separator: ". Make")[0] }
            #expect(
                found.prefix(3) == [
                    "berth.yaml:1:36: deployments.a.hook_token_file: the file \"a\" is empty",
                    "berth.yaml:1:61: deployments.b.hook_token_file: the file \"b\" holds fewer than 16 characters",
                    "berth.yaml:1:86: deployments.c.hook_token_file: the file \"c\" holds blanks, line breaks or characters that no HTTP header can carry",
                ])
        }
        #expect(try faults(in: text, files: files)[3].contains("the token file \".\" is a folder"))
    }

    @Test func `two hubs with one token are refused, whichever way they come by it`() throws {
        let text = """
            deployments:
              a: {hook_token_file: production.token}
              b: {hook_token_file: production.token}
              c: {hook_token_file: same}
            """
        expect(
            try faults(in: text, files: ["same": "a-token-of-23-characters\n"]),
            are: [
                "berth.yaml:3:24: deployments.b.hook_token_file: has the same token as the deployment \"a\". "
                    + "Give each hub its own: the token says which hub is asking.",
                "berth.yaml:4:24: deployments.c.hook_token_file: has the same token as the deployment \"a\". "
                    + "Give each hub its own: the token says which hub is asking.",
            ])
    }

    @Test func `a hub's API has a URL, and Berth a token of its own there where it needs one`() throws {
        setenv("BERTH_TEST_HUB_TOKEN", "berths-own-token-at-next", 1)
        let text = """
            deployments:
              a: {hook_token_file: production.token, hub_api: {url: "http://127.0.0.1:8081/hub/api/", token_file: hub}}
              b: {hook_token_file: b, hub_api: {url: "https://hub.b.org/hub/api", token_env: BERTH_TEST_HUB_TOKEN}}
              c: {hook_token_file: c, hub_api: {url: "https://hub.c.org/hub/api"}}
            """
        let files = ["hub": "berths-own-token-at-a\n", "b": "the-token-of-hub-b", "c": "the-token-of-hub-c"]
        let outcome = try Sample(text, files: files).load()
        expect(outcome.faults + outcome.warnings, are: [])
        let apis = try #require(outcome.site).deployments.map(\.hubAPI)
        #expect(
            apis.map(\.?.url)
                == ["http://127.0.0.1:8081/hub/api", "https://hub.b.org/hub/api", "https://hub.c.org/hub/api"])
        #expect(apis[0]?.token?.matches(Array("berths-own-token-at-a".utf8)) == true)
        #expect(apis[1]?.token?.matches(Array("berths-own-token-at-next".utf8)) == true)
        #expect(apis[2]?.token == nil)
    }

    @Test func `at a hub Berth is not whoever can speak for the hub, and it has one address and one token`() throws {
        let text = """
            deployments:
              a: {hook_token_file: production.token, hub_api: {url: "http://127.0.0.1/hub", token_file: b}}
              b: {hook_token_file: b, hub_api: {url: "http://127.0.0.1/?a", token_file: x, token_env: Y}}
            """
        expect(
            try faults(in: text, files: ["b": "the-token-of-hub-b"]),
            are: [
                "berth.yaml:2:93: deployments.a.hub_api.token_file: has the token that the deployment \"b\" presents "
                    + "to Berth. Give Berth one of its own at the hub.",
                "berth.yaml:3:27: deployments.b.hub_api: says `token_file` and `token_env`. Keep one.",
                "berth.yaml:3:42: deployments.b.hub_api.url: \"http://127.0.0.1/?a\" is no URL. "
                    + "Write one such as `http://hub:8081/hub/api`, without a query.",
            ])
    }

    @Test func `a token file that others can read is warned of`() throws {
        let sample = try Sample("log: {level: info}\n")
        let file = sample.folder.appending(path: "production.token").path()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        expect(
            sample.load().warnings,
            are: [
                "berth.yaml:4:45: deployments.production.hook_token_file: "
                    + "\"production.token\" can be read by every user of this machine. Run `chmod o-r` on it."
            ])
    }

    @Test func `a token may come from the environment`() throws {
        setenv("BERTH_TEST_TOKEN", "a-token-from-the-environment", 1)
        let text = "deployments: {a: {hook_token_env: BERTH_TEST_TOKEN}, b: {hook_token_env: BERTH_TEST_NONE}}\n"
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:1:74: deployments.b.hook_token_env: the environment variable \"BERTH_TEST_NONE\" is not set. "
                    + "Set it where Berth is started."
            ])
        let site = try #require(try Sample(text).load(.optional).site)
        #expect(site.deployments[0].hookToken.matches(Array("a-token-from-the-environment".utf8)))
    }

    @Test(arguments: ["token", "hook_token", "password", "client_secret"])
    func `a secret in the file is refused and never repeated`(key: String) throws {
        let found = try faults(in: "deployments: {a: {\(key): s3cret-value-of-a-hub}}\n")
        expect(
            found,
            are: [
                "berth.yaml:1:19: deployments.a.\(key): a secret may not stand in this file. Put it into a file that only Berth "
                    + "can read and name that with `hook_token_file`, or name an environment variable with `hook_token_env`."
            ])
    }

    @Test func `a literal where a token's terms belong is not repeated either`() throws {
        expect(
            try faults(in: "profiles: [{display_name: A, token: s3cret}]\n"),
            are: [
                "berth.yaml:1:37: profiles[0].token: must be a mapping with keys such as `audience`, `file`, `scope`, or a "
                    + "list (a mapping with keys such as `audience`, `file`, `scope`), not the text"
            ])
    }

    @Test func `a secret never prints its value`() throws {
        let site = try #require(try Sample("").load().site)
        let secret = site.deployments[0].hookToken
        var dumped = ""
        dump(site.deployments, to: &dumped)
        for text in [
            "\(secret)", String(reflecting: secret), "\(site.deployments)", String(reflecting: site.deployments),
            dumped,
        ] {
            #expect(!text.contains("a-token-of"))
        }
        #expect(secret.matches(Array("a-token-of-23-characters".utf8)))
        #expect(!secret.matches(Array("a-token-of-23-characterS".utf8)))
        #expect(!secret.matches(Array("a-token".utf8)))
    }

    @Test func `trust without an identity is refused, and with two issuers it is asked whose the claims are`() throws {
        let deployment = "deployments: {a: {hook_token_file: production.token, trust: auth_state}}\n"
        expect(
            try faults(in: deployment),
            are: [
                "berth.yaml:1:15: deployments.a: trusts its hub's claims, and `identity` says nothing about claims. "
                    + "Add an issuer under `identity.issuers`."
            ])
        let two = "identity: {issuers: [{issuer: \"https://a.org\"}, {issuer: \"https://b.org\"}]}\n"
        expect(
            try warnings(in: deployment + two),
            are: [
                "berth.yaml:1:15: deployments.a: does not say which of the 2 issuers its claims come from. "
                    + "Claims without `iss` are then refused: add `issuer: https://a.org`."
            ])
        let wrong = deployment.replacing("auth_state", with: "auth_state, issuer: \"https://c.org\"") + two
        expect(
            try faults(in: wrong),
            are: [
                "berth.yaml:1:81: deployments.a.issuer: \"https://c.org\" is not an issuer. Did you mean \"https://a.org\"?"
            ])
    }
}

@Suite struct IdentityTests {
    @Test func `an issuer's mapping keeps every path, however it is written`() throws {
        let text = """
            identity:
              issuers:
                - issuer: https://idp.example.org
                  audiences: [jupyterhub]
                  username: preferred_username
                  roles: [realm_access.roles, [resource_access, jupyter.example.org, roles], /resource_access/a.b/roles]
                  roles_ignored: [offline_access]
                  groups: [groups]
                  entitlements: [eduperson_entitlement]
                  uid: uidNumber
                  gid: gidNumber
                  supplemental_groups: gids
            """
        let mapping = try #require(try Sample(text).load().site).identity[0]
        #expect(mapping.audiences == ["jupyterhub"])
        #expect(
            mapping.roles.map(\.path.names) == [
                ["realm_access", "roles"], ["resource_access", "jupyter.example.org", "roles"],
                ["resource_access", "a.b", "roles"],
            ])
        #expect(mapping.rolesIgnored == ["offline_access"])
        #expect(mapping.uid?.names == ["uidNumber"] && mapping.supplementalGroups?.names == ["gids"])
    }

    @Test(arguments: [
        ("realm_acces.roles", "realm_access.roles", "/realm_acces/roles"),
        ("realm_access.role", "realm_access.roles", "/realm_access/role"),
        ("resource_access.jupyterhub.rolls", "resource_access.jupyterhub.roles", "/resource_access/jupyterhub/rolls"),
        ("edu_person_entitlement", "eduperson_entitlement", "/edu_person_entitlement"), ("gropus", "groups", "/gropus"),
    ])
    func `a source that nearly is a known one is a slip, unless it is written as a pointer`(
        path: String, meant: String, pointer: String
    ) throws {
        func text(_ path: String) -> String { "identity: {issuers: [{issuer: \"https://a.org\", roles: [\(path)]}]}\n" }
        expect(
            try faults(in: text(path)),
            are: [
                "berth.yaml:1:56: identity.issuers[0].roles[0]: \"\(path)\" is not a known source. "
                    + "Did you mean `\(meant)`? If not, write it as the pointer `\(pointer)`."
            ])
        expect(try faults(in: text(pointer)), are: [])
    }

    @Test func `sources of a site's own are taken as they are`() throws {
        for path in ["lab_roles", "group", "role", "https://example\\.org/claims.roles", "ext.groups"] {
            expect(try faults(in: "identity: {issuers: [{issuer: \"https://a.org\", roles: ['\(path)']}]}\n"), are: [])
        }
    }

    @Test func `an issuer is a URL, stands once, and has both ids or none`() throws {
        let text = """
            identity:
              issuers:
                - {issuer: idp, uid: a}
                - {issuer: "https://a.org", roles: [a..b]}
                - {issuer: "https://a.org"}
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:3:16: identity.issuers[0].issuer: \"idp\" is not an issuer's URL. "
                    + "Write it as the `iss` claim has it, such as `https://idp.example.org/realms/lab`.",
                "berth.yaml:3:21: identity.issuers[0].uid: needs `gid` beside it. A process has both a user and a group id.",
                "berth.yaml:4:41: identity.issuers[1].roles[0]: the claim path \"a..b\" cannot be read: write names joined by dots "
                    + "(a dot in a name as \\.), or a JSON pointer",
                "berth.yaml:5:16: identity.issuers[2].issuer: the issuer \"https://a.org\" is taken already (berth.yaml:4:16). "
                    + "Give each its own.",
            ])
    }
}

@Suite struct ServerTests {
    @Test func `addresses are read, and loopback is the default`() throws {
        let text = "listen: ['127.0.0.1:8080', '[::1]:8081', '*:0', unix:run/b.sock, localhost:1]\n"
        let sample = try Sample(text)
        #expect(
            sample.load().site?.listen == [
                .tcp(host: "127.0.0.1", port: 8080), .tcp(host: "::1", port: 8081), .tcp(host: "*", port: 0),
                .unix(path: sample.folder.path() + "/run/b.sock"), .tcp(host: "localhost", port: 1),
            ])
        #expect(try Sample("").load().site?.listen == [.tcp(host: "127.0.0.1", port: 8090)])
    }

    @Test(arguments: [
        "8080", "localhost", "localhost:99999", "[::1]", "::1:80", ":80", "a b:80", "unix:", "http://a:80",
    ])
    func `what is no address is refused`(address: String) throws {
        let found = try faults(in: "listen: \"\(address)\"\n")
        #expect(found.count == 1 && found[0].hasPrefix("berth.yaml:1:9: listen: "), "\(found)")
    }

    @Test func `limits, log level, contact and ledger reach the site`() throws {
        let text = """
            limits: {body_bytes: 1048576, idle_timeout: 2m, connections_max: 7}
            log: {level: debug}
            contact: help@example.org
            """
        let sample = try Sample(text)
        let site = try #require(sample.load().site)
        #expect(
            site.limits.bodyBytes == 1_048_576 && site.limits.idleTimeout == .seconds(120)
                && site.limits.connectionsMax == 7)
        #expect(site.log == .debug && site.contact == "help@example.org")
        #expect(site.ledger == .file(sample.folder.path() + "/ledger.sqlite"))
    }

    @Test func `a ledger in a folder that is not there is a fault to serve and a warning to check`() throws {
        let text = "ledger: {path: no/ledger.sqlite}\n"
        #expect(try faults(in: text).count == 1)
        let checked = try Sample(text).load(.optional)
        #expect(checked.faults == [] && checked.warnings.count == 1)
        expect(
            try faults(in: "ledger: {path: .}\n"),
            are: [
                "berth.yaml:1:16: ledger.path: \".\" is a folder. Write the path of the SQLite file in it, such as `./ledger.sqlite`."
            ])
    }
}
