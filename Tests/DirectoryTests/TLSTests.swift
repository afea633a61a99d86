// SPDX-License-Identifier: Apache-2.0
import Directory
import Testing

/// The connection is safe, or there is none.
@Suite struct TLSTests {
    private static let password = DirectoryTerms.Bind.password(
        dn: "uid=u00002,ou=People,dc=example,dc=org", BindPassword(Array("secret".utf8))!)

    private func isNotSecure(_ outcome: Outcome) -> Bool {
        if case .error(.notSecure) = outcome { true } else { false }
    }

    @Test func `StartTLS and LDAPS lead to a directory whose authority is known`() async throws {
        let directory = try await RealDirectory.plain.value
        for server in [directory.facts.ldap, try #require(directory.facts.ldaps)] {
            let people = People(
                .of(directory) {
                    $0.servers = [server]
                    $0.bind = Self.password
                })
            #expect(await people.outcome(of: "u00001").person?.name == "u00001", "\(server)")
        }
    }

    @Test func `a certificate of another authority is not trusted, and nothing is asked`() async throws {
        let directory = try await RealDirectory.plain.value
        for server in [directory.facts.ldap, try #require(directory.facts.ldaps)] {
            let people = People(
                .of(directory) {
                    $0.servers = [server]
                    $0.caFile = directory.facts.otherCA
                })
            let outcome = await people.outcome(of: "u00001")
            #expect(isNotSecure(outcome), "\(outcome)")
        }
    }

    @Test func `a certificate of another host is not trusted, and nothing is asked`() async throws {
        let directory = try await RealDirectory.start(
            ["--people", "3", "--groups", "0", "--certificate-name", "DNS:ldap.elsewhere.example"])
        for server in [directory.facts.ldap, try #require(directory.facts.ldaps)] {
            let outcome = await People(.of(directory) { $0.servers = [server] }).outcome(of: "u00001")
            #expect(isNotSecure(outcome), "\(outcome)")
        }
    }

    @Test func `a CA file that is not there trusts nobody`() async throws {
        let directory = try await RealDirectory.plain.value
        let outcome = await People(.of(directory) { $0.caFile = "/nowhere/ca.pem" }).outcome(of: "u00001")
        #expect(isNotSecure(outcome), "\(outcome)")
    }

    @Test func `a server without StartTLS is not asked in clear text, unless that is what the site says`() async throws
    {
        let directory = try await RealDirectory.start(["--people", "3", "--groups", "0", "--without-tls"])
        let outcome = await People(.of(directory) { $0.bind = Self.password }).outcome(of: "u00001")
        #expect(isNotSecure(outcome), "\(outcome)")
        let clear = People(.of(directory) { $0.startsTLS = false })
        #expect(await clear.outcome(of: "u00001").person?.name == "u00001")
    }

    @Test func `whoever sits at the port hears no name and no password before TLS stands`() async throws {
        let listener = try SilentListener()
        let people = People(
            .of(try await RealDirectory.plain.value) {
                $0.servers = ["ldap://127.0.0.1:\(listener.port)"]
                $0.bind = Self.password
                $0.costs = .init(timeout: .milliseconds(500), connectTimeout: .milliseconds(300))
            })
        let outcome = await people.outcome(of: "u00001")
        #expect(outcome.error != nil, "\(outcome)")
        let heard = listener.heard
        #expect(heard.contains("1.3.6.1.4.1.1466.20037"), "StartTLS was not asked for: \(heard)")
        #expect(!heard.contains("secret") && !heard.contains("u0000"))
    }
}
