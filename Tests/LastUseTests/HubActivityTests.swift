// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import HTTPClient
@testable import JupyterHub

/// The real hub's side is tested in Tests/Hub.
struct HubActivityTests {
    private let now = Instant(unixSeconds: 784_111_777)  // Sun, 06 Nov 1994 08:49:37 GMT
    private let used = Instant(unixSeconds: 784_111_000)

    private func activity(_ hub: ToldHub) async throws(HubFault) -> HubActivity {
        try await Hub(ToldHub.address, asking: hub).activity(in: "prod", now: { now })
    }

    private func fault(_ answers: ToldHub.Answer...) async -> String? {
        let hub = ToldHub()
        if let first = answers.first { hub.answers(first) }
        do {
            _ = try await activity(hub)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func id(_ user: String) -> ServerID { ServerID(deployment: "prod", user: user, name: "") }

    @Test func `all pages are read, and a server that starts or stops is none that runs`() async throws {
        let hub = ToldHub(
            ToldHub.page([("ada", ToldHub.server(used: used)), ("bo", [:])], next: 200),
            ToldHub.page([
                ("cy", ToldHub.server(used: used, ready: false, pending: "spawn")),
                ("di", ToldHub.server(used: used, pending: "stop")), ("ed", ToldHub.server(used: used)),
            ]))
        let told = try await activity(hub)
        #expect(told.lastUse == [id("ada"): used, id("ed"): used] && told.askedAt == now)
        #expect(hub.paths == ["/users?state=active&limit=200&offset=0", "/users?state=active&limit=200&offset=200"])
    }

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 06 Nov 1994 08:39:37 GMT", 600),
        ("Sun, 06 Nov 1994 08:59:37 GMT", -600), ("yesterday", 0),
    ])
    func `it is the hub's own clock that tells how long ago it was`(_ date: String, _ behind: Int) async throws {
        var page = ToldHub.page([("ada", ToldHub.server(used: used))])
        page.headers = [("Date", date)]
        let told = try await activity(ToldHub(page))
        #expect(told.lastUse[id("ada")] == used + .seconds(behind))
    }

    @Test func `a use that is still to come was now`() async throws {
        let told = try await activity(ToldHub(ToldHub.page([("ada", ToldHub.server(used: now + .seconds(900)))])))
        #expect(told.lastUse[id("ada")] == now)
    }

    @Test func `a hub that tells nothing of use is a fault that says what is missing`() async throws {
        #expect(await fault() != nil)
        #expect(await fault(ToldHub.Answer(status: 403, body: [:]))?.contains("list:users") == true)
        #expect(await fault(ToldHub.Answer(body: ["items": [["name": "ada"]]]))?.contains("read:servers") == true)
        #expect(await fault(ToldHub.Answer(status: 502, body: [:]))?.contains("502") == true)
        #expect(await fault(ToldHub.Answer(body: [["name": "ada"]]))?.contains("page") == true)
        #expect(await fault(ToldHub.page([], next: 0))?.contains("do not go on") == true)
    }

    @Test func `pages without an end come to one`() async throws {
        await #expect(throws: HubFault.self) {
            try await Hub(ToldHub.address, asking: EndlessHub()).activity(in: "prod", now: { now })
        }
    }
}

/// One whose every page has a next one.
private struct EndlessHub: WebAsking {
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let offset = request.url.split(separator: "=").last.flatMap { Int($0) } ?? 0
        return HTTPClientResponse(
            status: 200, headers: [], body: ToldHub.page([], next: offset + 1).body.bytes,
            origin: Origin(scheme: .http, host: "hub", port: 8081), retryAfter: nil)
    }
}
