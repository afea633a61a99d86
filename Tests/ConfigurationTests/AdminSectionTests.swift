// SPDX-License-Identifier: Apache-2.0
import Configuration
import Identity
import Testing

@Suite struct AdminSectionTests {
    let hub = """
        deployments:
          production: {hook_token_file: production.token, hub_api: {url: "http://127.0.0.1:8081/hub/api/"}}

        """
    let token = "an-operators-token-of-32-letters"

    @Test func `tokens, hubs and an issuer are read`() throws {
        let text =
            hub + """
                identity: {issuers: [{issuer: "https://idp.example.org", audiences: [berth], roles: [roles]}]}
                admin:
                  tokens: [{name: oncall, role: operator, token_file: oncall.token}]
                  hub_tokens: {deployments: [production]}
                  issuer_tokens: {issuer: "https://idp.example.org", roles: {viewer: [a, b], admin: c}}
                """
        let outcome = try Sample(text, files: ["oncall.token": token]).load()
        expect(outcome.faults, are: [])
        let admin = try #require(outcome.site?.admin)
        #expect(admin.tokens.map(\.name) == ["oncall"])
        #expect(admin.tokens.map(\.role) == [.operator])
        #expect(admin.tokens.first?.secret.matches(Array(token.utf8)) == true)
        #expect(admin.hubs.map(\.url) == ["http://127.0.0.1:8081/hub/api"])
        #expect(admin.issuer?.role(of: ["b"]) == .viewer)
        #expect(admin.issuer?.role(of: ["b", "c"]) == .admin)
        #expect(admin.issuer?.role(of: ["d"]) == nil)
        #expect(outcome.site?.issuersInUse.map(\.issuer) == ["https://idp.example.org"])
    }

    @Test func `a section that lets nobody in is a fault`() throws {
        expect(
            try faults(in: "admin: {}"),
            are: [
                "berth.yaml:1:1: admin: lets nobody in. "
                    + "Add `tokens: [{name: oncall, role: operator, token_file: secrets/oncall}]`."
            ])
    }

    @Test func `a hub's token is no operator's`() throws {
        let text = "admin: {tokens: [{name: oncall, role: admin, token_file: production.token}]}"
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:1:58: admin.tokens[0].token_file: holds the same token as \"production\". Give each its own."
            ])
    }

    @Test func `a hub without an address cannot be asked`() throws {
        expect(
            try faults(in: "admin: {hub_tokens: {deployments: [production]}}"),
            are: [
                "berth.yaml:1:36: admin.hub_tokens.deployments[0]: has no `hub_api` that could be asked. "
                    + "Add `hub_api: {url: …}` to the deployment."
            ])
    }

    @Test func `an issuer without audiences is a fault`() throws {
        let text = """
            identity: {issuers: [{issuer: "https://idp.example.org", roles: [roles]}]}
            admin: {issuer_tokens: {issuer: "https://idp.example.org", roles: {admin: c}}}
            """
        #expect(try faults(in: text).first?.contains("has no `audiences`") == true)
    }
}
