// SPDX-License-Identifier: Apache-2.0
import JSONTree
import JupyterHub
import SpawnModel
import Synchronization

@testable import HTTPClient

/// A hub that answers as it is told to: a double, for what a real one cannot be made to say.
final class ToldHub: WebAsking {
    struct Answer {
        var status = 200
        var body: JSON
        var headers: [(name: String, value: String)] = []
    }

    private struct Told {
        var answers: [Answer] = []
        var paths: [String] = []
    }

    private let told = Mutex(Told())
    private let pace: Duration

    init(pace: Duration = .zero, _ answers: Answer...) {
        self.pace = pace
        told.withLock { $0.answers = answers }
    }

    static let address = HubAddress(url: "http://hub:8081/hub/api", authorization: "token t")
    /// Below the API's URL.
    var paths: [String] { told.withLock(\.paths) }
    func answers(_ answers: Answer...) { told.withLock { $0.answers = answers } }

    /// The last answer is given again and again.
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        if pace > .zero { try? await Task.sleep(for: pace) }
        let origin = Origin(scheme: .http, host: "hub", port: 8081)
        let answer = told.withLock { told -> Answer? in
            told.paths.append(String(request.url.dropFirst(Self.address.url.count)))
            return told.answers.count > 1 ? told.answers.removeFirst() : told.answers.first
        }
        guard let answer else { throw .unreachable(origin, reason: "refused") }
        return HTTPClientResponse(
            status: answer.status, headers: answer.headers, body: answer.body.bytes, origin: origin, retryAfter: nil)
    }

    static func page(_ users: [(name: String, servers: JSON)], next: Int? = nil) -> Answer {
        let items = users.map { ["name": JSON($0.name), "servers": $0.servers] as JSON }
        let next: JSON = next.map { ["offset": JSON($0), "limit": 200] } ?? .null
        return Answer(body: ["items": JSON(items), "_pagination": ["offset": 0, "limit": 200, "next": next]])
    }

    static func server(used: Instant, ready: Bool = true, pending: JSON = .null) -> JSON {
        [
            "": [
                "last_activity": JSON(used.description), "started": "1990-01-01T00:00:00.000000Z",
                "ready": JSON(ready), "pending": pending,
            ]
        ]
    }
}
