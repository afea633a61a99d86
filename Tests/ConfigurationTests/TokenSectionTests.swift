// SPDX-License-Identifier: Apache-2.0
import Configuration
import Identity
import Testing

/// `trust: token`, and what an issuer's entry says of its tokens.
struct TokenSectionTests {
    private let head = "identity: {issuers: [{issuer: \"https://a.org\", audiences: [hub]"
    private func text(_ issuer: String, deployment: String = "trust: token") -> String {
        "\(head)\(issuer.isEmpty ? "" : ", ")\(issuer)}]}\n"
            + "deployments: {a: {hook_token_file: production.token, \(deployment)}}\n"
    }

    @Test func `an issuer that exchanges tokens knows Berth by a client of its own`() throws {
        let text = """
            identity:
              issuers: [{issuer: "https://a.org", exchange: {client_id: berth, client_secret_file: x}}]
            """
        let site = try #require(try Sample(text, files: ["x": "s3cret\n"]).load().site)
        let terms = try #require(site.exchangeTerms(for: site.deployments[0]))
        #expect(terms.exchange == ClientCredentials(id: "berth", secret: ClientSecret("s3cret")))
        #expect(terms.client == nil)
        #expect(try faults(in: text).count == 1)
    }

    @Test func `an issuer of which nothing is said verifies with every algorithm and the profile's times`() throws {
        let site = try #require(try Sample(text("")).load().site)
        let terms = try #require(site.issuerTerms(for: site.deployments[0]))
        #expect(terms == IssuerTerms(issuer: "https://a.org", audiences: ["hub"]))
        #expect(site.deployments[0].tokenAuthStateKey == "access_token" && site.deployments[0].tokenKind == .access)
        #expect(site.issuersInUse == [terms])
    }

    @Test func `all that can be said of tokens reaches the terms`() throws {
        let issuer = """
            algorithms: [RS256, ES256], tokens: [verify, introspect], client_id: berth, client_secret_file: client,
            client_secret_by: post, keys: {refresh: 1h, keep: 1d, cooldown: 45s}, clock_skew: 30s, answers_kept: 10s,
            groups: [groups]
            """
        let sample = try Sample(
            text(issuer, deployment: "trust: token, token_auth_state_key: id_token"), files: ["client": "s3cret\n"])
        let outcome = sample.load()
        expect(outcome.faults + outcome.warnings, are: [])
        let site = try #require(outcome.site)
        #expect(
            site.issuerTerms(for: site.deployments[0])
                == IssuerTerms(
                    issuer: "https://a.org", algorithms: [.rs256, .es256], audiences: ["hub"],
                    ways: [.verify, .introspect],
                    client: ClientCredentials(id: "berth", secret: ClientSecret("s3cret"), method: .post),
                    keyTimes: KeyTimes(refresh: .seconds(3600), keep: .seconds(86_400), cooldown: .seconds(45)),
                    skew: .seconds(30), answersKept: .seconds(10), needsGroups: true))
        #expect(site.deployments[0].tokenKind == .id)
        #expect(!"\(site.issuers)".contains("s3cret"))
    }

    @Test func `an algorithm without a public key cannot be configured`() throws {
        for algorithm in ["HS256", "none", "rs256", "ES256K"] {
            let faults = try Sample(text("algorithms: [\(algorithm)]")).load().faults
            #expect(faults.count == 1 && faults[0].contains("is not possible here"), "\(faults)")
        }
    }

    @Test func `tokens without an audience of ours are a fault, and so is an unsaid issuer`() throws {
        let deployment = "deployments: {a: {hook_token_file: production.token, trust: token}}\n"
        expect(
            try faults(in: deployment + "identity: {issuers: [{issuer: \"https://a.org\"}]}\n"),
            are: [
                "berth.yaml:1:15: deployments.a: takes tokens of https://a.org, which has no `audiences`. Name whom the "
                    + "tokens must be for there: without it, what the issuer gave to any program would do."
            ])
        let two = "identity: {issuers: [{issuer: \"https://a.org\", audiences: [h]}, {issuer: \"https://b.org\"}]}\n"
        expect(
            try faults(in: deployment + two),
            are: [
                "berth.yaml:1:15: deployments.a: does not say which of the 2 issuers its tokens come from. "
                    + "Add `issuer: https://a.org`."
            ])
        expect(
            try faults(in: deployment),
            are: [
                "berth.yaml:1:15: deployments.a: trusts its hub's claims, and `identity` says nothing about claims. "
                    + "Add an issuer under `identity.issuers`."
            ])
    }

    @Test func `an issuer without TLS is warned of, unless it is on this machine`() throws {
        func warnings(_ issuer: String) throws -> [String] {
            try Sample(text("").replacing("https://a.org", with: issuer)).load().warnings
        }
        expect(
            try warnings("http://idp.lab"),
            are: [
                "berth.yaml:2:15: deployments.a: takes tokens of http://idp.lab, whose keys come without TLS. "
                    + "Whoever stands between can put their own in: use `https://`."
            ])
        expect(try warnings("http://127.0.0.1:4593/api/oidc") + warnings("http://[::1]/x"), are: [])
        #expect(try warnings("http://127.0.0.1.evil.org/").count == 1)
    }

    @Test(arguments: [
        "[introspect, verify]", "[introspect, userinfo]", "[verify, verify]", "[verify, userinfo, introspect]",
    ])
    func `ways that are never reached are a fault`(ways: String) throws {
        let found = try Sample(text("tokens: \(ways), client_id: b, client_secret_file: c"), files: ["c": "s"]).load()
            .faults
        #expect(found.count == 1 && found[0].contains("names ways that are never reached"), "\(found)")
    }

    @Test func `introspection needs to be somebody, and a secret needs an owner`() throws {
        expect(
            try Sample(text("tokens: introspect")).load().faults,
            are: [
                "berth.yaml:1:22: identity.issuers[0]: introspects tokens, and Berth is nobody to this issuer. "
                    + "Add the `client_id` and `client_secret_file` that the issuer knows Berth by."
            ])
        expect(
            try Sample(text("client_secret_file: c"), files: ["c": "s"]).load().faults,
            are: [
                "berth.yaml:1:66: identity.issuers[0].client_secret_file: needs `client_id` beside it. "
                    + "A secret is somebody's."
            ])
        let bare = try Sample(text("tokens: introspect, client_id: b")).load()
        #expect(bare.faults == [] && bare.warnings.count == 1)
    }

    @Test func `a client's secret that is missing or empty is told, and never shown`() throws {
        let issuer = "client_id: b, client_secret_file: c"
        let missing = try Sample(text(issuer)).load().faults
        #expect(missing.count == 1 && missing[0].contains("the secret file \"c\" does not exist"), "\(missing)")
        #expect(try Sample(text(issuer)).load(.optional).faults == [])
        #expect(try Sample(text(issuer), files: ["c": "\n"]).load().faults.count == 1)
        let inline = try Sample(text("client_secret: s3cret")).load().faults
        #expect(inline.count == 1 && !inline[0].contains("s3cret"), "\(inline)")
    }

    @Test(arguments: [
        "clock_skew: 6m", "answers_kept: 2h", "keys: {refresh: 30s}", "keys: {cooldown: 1s}", "keys: {keep: 1h}",
        "keys: {refresh: 5d}", "keys: {keep: 30d}",
    ])
    func `times out of range are faults`(times: String) throws {
        #expect(try Sample(text(times)).load().faults.count == 1)
    }

    @Test func `the authorities' file is held against being one`() throws {
        func faults(_ content: String?) throws -> [String] {
            let text = text("").replacing("identity: {", with: "identity: {ca_file: ca.pem, ")
            return try Sample(text, files: content.map { ["ca.pem": $0] } ?? [:]).load().faults
        }
        #expect(try faults("-----BEGIN CERTIFICATE-----\n") == [])
        #expect(try faults("hello")[0].contains("the file \"ca.pem\" holds no certificate"))
        #expect(try faults(nil)[0].contains("the file \"ca.pem\" does not exist"))
    }

    @Test func `a key of the auth state says nothing under another trust`() throws {
        let found = try Sample(text("", deployment: "trust: auth_state, token_auth_state_key: access_token")).load()
        #expect(found.warnings.count == 1 && found.warnings[0].contains("Write `trust: token`"), "\(found.warnings)")
    }

    @Test func `a new file of authorities waits for a restart`() throws {
        let sample = { (ca: String) in
            try #require(
                try Sample(
                    self.text("").replacing("identity: {", with: "identity: {\(ca)"),
                    files: ["ca.pem": "-----BEGIN CERTIFICATE-----\n"]
                ).load().site)
        }
        #expect(try sample("ca_file: ca.pem, ").keysForRestart(after: sample("")).contains("identity.ca_file"))
    }
}
