// SPDX-License-Identifier: Apache-2.0
import CertificateForge
import Configuration
import Foundation
import Sockets
import Testing

/// `tls`, `seal` and `admission`: what can be wrong with files that others make.
struct TLSSectionTests {
    private static let forge = Result { try Certificates() }
    private let tls = "tls: {listen: \"127.0.0.1:8443\", certificate_file: tls.crt, key_file: tls.key"
    private let key = String(repeating: "k", count: 32)

    private func files(_ certificate: String = "good", key: String? = nil) throws -> [String: String] {
        let forge = try TLSSectionTests.forge.get()
        let text = { (name: String, ending: String) in
            String(decoding: try forge.bytes(name, ending), as: UTF8.self)
        }
        return [
            "tls.crt": try text(certificate, "pem"), "tls.key": try text(key ?? certificate, "key"),
            "ca.crt": try text("ca", "pem"), "seal.key": self.key, "old.key": self.key + "old",
            "path.secret": "0123456789abcdef",
        ]
    }

    @Test func `a good pair is read, and its addresses stand beside the plain ones`() throws {
        let outcome = try Sample(tls + ", client_ca_file: ca.crt}\n", files: try files()).load()
        expect(outcome.faults + outcome.warnings, are: [])
        let site = try #require(outcome.site)
        #expect(site.listen == [.tcp(host: "127.0.0.1", port: 8090)])
        #expect(site.tls?.listen == [.tcp(host: "127.0.0.1", port: 8443)])
        #expect(site.tls?.context != nil && site.tls?.files.requiresClientCertificate == false)
    }

    @Test func `files that do not fit are named with what to do`() throws {
        let good = try files()
        func faults(_ name: String, _ text: String?) throws -> [String] {
            var files = good
            files[name] = text
            return try Sample(tls + ", client_ca_file: ca.crt}\n", files: files).load().faults
        }
        expect(
            try faults("tls.crt", nil),
            are: [
                "berth.yaml:1:51: tls.certificate_file: the certificate file \"tls.crt\" does not exist. Write the "
                    + "certificate there, in PEM."
            ])
        expect(
            try faults("tls.key", try files("client")["tls.key"]),
            are: [
                "berth.yaml:1:70: tls.key_file: \"tls.key\" is another certificate's key. Put both files of one pair "
                    + "there."
            ])
        #expect(try faults("tls.crt", "nothing")[0].contains("\"tls.crt\" holds no certificate in PEM"))
        #expect(try faults("tls.key", "nothing")[0].contains("\"tls.key\" holds no private key in PEM"))
        #expect(try faults("ca.crt", "nothing")[0].contains("tls.client_ca_file: \"ca.crt\" holds no certificate"))
    }

    @Test func `a missing file is a warning where secrets need not be there`() throws {
        let outcome = try Sample(tls + "}\n").load(.optional)
        #expect(outcome.faults == [] && outcome.warnings.count == 2 && outcome.site?.tls?.context == nil)
    }

    @Test func `a certificate that has expired is a warning`() throws {
        expect(
            try warnings(in: tls + "}\n", files: try files("expired")),
            are: [
                "berth.yaml:1:51: tls.certificate_file: \"tls.crt\" has expired. Have it renewed: clients refuse it."
            ])
    }

    @Test func `a key that others can read is a warning`() throws {
        let sample = try Sample(tls + "}\n", files: try files())
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: sample.folder.appending(path: "tls.key").path())
        let warnings = sample.load().warnings
        #expect(warnings.count == 1 && warnings[0].contains("tls.key_file: \"tls.key\" can be read by every user"))
    }

    @Test func `an address can't be plain and TLS at once`() throws {
        let text = "listen: \"127.0.0.1:8443\"\n" + tls + "}\n"
        #expect(try faults(in: text, files: try files())[0].contains("is an address of `listen` already"))
    }

    @Test func `certificates can't be demanded without an authority`() throws {
        let text = tls + ", client_certificates: required}\n"
        #expect(try faults(in: text, files: try files())[0].contains("does not say whose. Add `client_ca_file`."))
    }

    // MARK: seal and admission

    private let hub = "deployments: {a: {hook_token_file: production.token, namespace: jupyter}}\n"

    @Test func `a seal's key has to be there, and long enough`() throws {
        let files = try files()
        let text = hub + "seal: {key_file: seal.key, previous_key_file: old.key}\n"
        let outcome = try Sample(text, files: files).load()
        expect(outcome.faults + outcome.warnings, are: [])
        #expect(outcome.site?.sealKeys != nil)
        let short = try faults(in: text, files: files.merging(["seal.key": "short"]) { $1 })
        #expect(short.count == 1 && short[0].contains("holds fewer than 32 characters. Make one with `openssl"))
        let without = try warnings(in: "seal: {key_file: seal.key}\n", files: files)
        #expect(without.count == 1 && without[0].contains("get no seal, since it says no `namespace`"))
    }

    @Test func `the webhook needs a seal, and somebody who may ask`() throws {
        let found = try faults(in: hub + "admission: {}\n", files: try files())
        #expect(found.count == 2)
        #expect(found[0].contains("cannot tell which pods have a reservation. Add `seal: {key_file: …}`."))
        #expect(found[1].contains("says nobody who may ask"))
    }

    @Test func `names need an authority that vouches for them`() throws {
        let text = hub + "seal: {key_file: seal.key}\nadmission: {client_names: [a], path_secret_file: path.secret}\n"
        let found = try faults(in: text, files: try files())
        #expect(found.count == 1 && found[0].contains("are names in certificates that nobody vouches for"))
    }

    @Test(arguments: ["short", "sixteen/and/more/", "sixteen and more", "sixteen%20and%20more"])
    func `a path's secret is long, and can stand in a path`(secret: String) throws {
        let text = hub + "seal: {key_file: seal.key}\nadmission: {path_secret_file: path.secret}\n"
        let found = try faults(in: text, files: try files().merging(["path.secret": secret]) { $1 })
        #expect(found.count == 1 && found[0].contains("holds no 16 or more of letters"), "\(found)")
    }

    @Test func `all that can be said of the webhook reaches the site`() throws {
        let text =
            hub + tls + ", client_ca_file: ca.crt}\nseal: {key_file: seal.key}\n"
            + "admission: {client_names: [a, b], path_secret_file: path.secret, unsealed: audit, timeout: 2s}\n"
        let outcome = try Sample(text, files: try files()).load()
        expect(outcome.faults + outcome.warnings, are: [])
        let terms = try #require(outcome.site?.admission)
        #expect(terms.clientNames == ["a", "b"] && terms.unsealed == .audit && terms.timeout == .seconds(2))
        #expect(terms.pathSecret?.matches(Array("0123456789abcdef".utf8)) == true)
    }
}
