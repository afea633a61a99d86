// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import HubAPI
import Identity
import JSONTree
import SpawnModel
import Synchronization
import Testing

@testable import HTTPClient
@testable import SidecarAPI

/// A desk between a hub and an issuer that answer as they are told to: doubles, for faults in an order that no real
/// one can be made to show. The real hub's side is tested in Tests/Hub.
final class Desk: WebAsking, IssuerAsking {
    struct Answer {
        var status = 200
        var body: JSON
    }

    private struct Told {
        var hub: [Answer] = []
        var issuer: [Answer] = []
        var time = Instant(unixSeconds: 1_800_000_000)
        var hubAsked: [JSON] = []
        var exchanges: [String] = []
    }

    private let told = Mutex(Told())
    private let pace: Duration

    /// - Parameter pace: how long the hub takes.
    init(pace: Duration = .zero) { self.pace = pace }

    func now() -> Instant { told.withLock(\.time) }
    func pass(_ span: Duration) { told.withLock { $0.time = $0.time + span } }
    func hub(answers: Answer...) { told.withLock { $0.hub += answers } }
    func issuer(answers: Answer...) { told.withLock { $0.issuer += answers } }
    var hubAsked: [JSON] { told.withLock(\.hubAsked) }
    var exchanges: [String] { told.withLock(\.exchanges) }

    func made() -> TokenDesk {
        TokenDesk(asking: self, issuers: Issuers(asking: self, now: { self.now() }), now: { self.now() })
    }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        try? await Task.sleep(for: pace)
        let origin = Origin(scheme: .http, host: "hub", port: 8081)
        let answer = told.withLock { told -> Answer? in
            told.hubAsked.append((try? JSON(parsing: request.body)) ?? .null)
            return told.hub.count > 1 ? told.hub.removeFirst() : told.hub.first
        }
        guard let answer else { throw .unreachable(origin, reason: "refused") }
        return HTTPClientResponse(
            status: answer.status, headers: [], body: answer.body.bytes, origin: origin, retryAfter: nil)
    }

    func ask(_ question: IssuerQuestion) async throws(IssuerError) -> IssuerAnswer {
        if question.endpoint == .discovery {
            let document: JSON = [
                "issuer": "https://idp.example.org", "jwks_uri": "https://idp.example.org/keys",
                "token_endpoint": "https://idp.example.org/token",
            ]
            return IssuerAnswer(status: 200, body: document.bytes)
        }
        let answer = told.withLock { told -> Answer? in
            told.exchanges.append(String(decoding: question.form ?? [], as: UTF8.self))
            return told.issuer.count > 1 ? told.issuer.removeFirst() : told.issuer.first
        }
        guard let answer else { throw .unreachable(question.endpoint, reason: "refused") }
        return IssuerAnswer(status: answer.status, body: answer.body.bytes)
    }

    static func hubGives(_ token: String, for seconds: Int, by narrowing: String = "nothing") -> Answer {
        Answer(
            body: ["access_token": JSON(token), "expires_in_s": JSON(seconds), "narrowed_by": JSON(narrowing)])
    }

    /// Unsigned: Berth does not prove what it got from those whom it asked.
    static func jwt(_ claims: JSON) -> String {
        let letters = Data(claims.bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        return "eyJhbGciOiJSUzI1NiJ9.\(letters.replacing("=", with: "")).c2ln"
    }

    /// A site whose issuer exchanges tokens, or does not.
    static func site(exchanges: Bool = false, hubToken: Bool = true) throws -> Site {
        let folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in [
            ("hook", "the-hooks-token-of-27-letters"), ("hub", "berths-token-at-the-hub"), ("idp", "s3"),
        ] {
            let file = folder.appending(path: name)
            try Data(text.utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path())
        }
        let text = """
            ledger: {path: ledger.sqlite}
            deployments:
              prod:
                hook_token_file: hook
                hub_api: {url: "http://127.0.0.1:8081/hub/api"\(hubToken ? ", token_file: hub" : "")}
            identity:
              issuers:
                - issuer: https://idp.example.org
                  \(exchanges ? "exchange: {client_id: berth, client_secret_file: idp}" : "audiences: [a]")
            profiles: [{display_name: CPU}]
            """
        let file = folder.appending(path: "berth.yaml")
        try Data(text.utf8).write(to: file)
        return try Site.load(path: file.path(), secrets: .required).site
    }

    static func reservation(of user: String = "ada") -> Reservation {
        let time = Instant(unixSeconds: 1_800_000_000)
        guard let start = StartID("s-1") else { preconditionFailure("a start's name is none") }
        return Reservation(
            id: "r-1", server: ServerID(deployment: "prod", user: user, name: ""), start: start, state: .running,
            revision: 1, gpu: nil, placement: [], terms: "{}", createdAt: time, heldUntil: time, endsBy: nil)
    }
}
