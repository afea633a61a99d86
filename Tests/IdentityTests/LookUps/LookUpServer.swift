// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import HTTPServer
import Identity
import JSONTree
import Sockets
import SpawnModel
import Synchronization

/// A real HTTP server with an answer for each path, and a real client that asks it, for the length of one test.
final class LookUpServer: HTTPService {
    struct Asked: Equatable {
        let line: String
        let authorization: String?
        let body: String
    }

    private struct State {
        var answers: [String: (status: Int, body: String)] = [:]
        var asked: [Asked] = []
        var now = Instant(unixSeconds: 1_000)
    }

    private let state = Mutex(State())

    func respond(to request: HTTPRequest) -> HTTPAnswer {
        state.withLock { state in
            state.asked.append(
                Asked(
                    line: "\(request.head.method) \(request.head.target)",
                    authorization: request.head.headers["authorization"],
                    body: String(decoding: request.body, as: UTF8.self)))
            let answer = state.answers[request.head.path] ?? (404, "{}")
            return .now(
                HTTPResponse(
                    status: answer.status, headers: [("Location", "/elsewhere")], body: Array(answer.body.utf8)))
        }
    }

    func answer(_ path: String, _ body: String, status: Int = 200) {
        state.withLock { $0.answers[path] = (status, body) }
    }

    var asked: [Asked] { state.withLock { $0.asked } }
    var clock: @Sendable () -> Instant { { self.state.withLock { $0.now } } }
    func pass(_ span: Duration) { state.withLock { $0.now = $0.now + span } }
}

/// The server and client at work.
final class LookUpLab {
    let service = LookUpServer()
    let lookUps: LookUps
    let url: String
    private let server: HTTPServer
    private let loop: EventLoop
    private let threads: [LoopThread]

    init() throws {
        let server = try HTTPServer(addresses: [.tcp(host: "127.0.0.1", port: 0)], loops: 1, service: service)
        let loop = try EventLoop()
        self.server = server
        self.loop = loop
        url = if case .tcp(_, let port) = server.addresses[0] { "http://127.0.0.1:\(port)" } else { "" }
        threads = [
            try LoopThread(named: "test-server") { try? server.run() },
            try LoopThread(named: "test-client") { loop.run() },
        ]
        var limits = HTTPClientLimits()
        limits.retries.attemptsMax = 1
        lookUps = LookUps(asking: HTTPClient(loops: [loop], limits: limits), now: service.clock)
    }

    deinit {
        server.drain(deadline: .zero)
        let loop = loop
        loop.execute { loop.stop() }
        for thread in threads { thread.join() }
    }

    func terms(
        _ path: String = "/people/{user}", method: LookUpTerms.Method = .get, token: String? = nil,
        usersToken: LookUpTerms.UsersToken? = nil,
        onFailure: LookUpTerms.Fallback = .refuse, onNotFound: LookUpTerms.Fallback? = nil
    ) throws -> LookUpTerms {
        LookUpTerms(
            name: "hr", address: try LookUpAddress(url + path), method: method, token: token.map(ClientSecret.init),
            usersToken: usersToken, timeout: .seconds(10), onFailure: onFailure, onNotFound: onNotFound)
    }

    /// The answer's text, `(unknown)`, or the error's code.
    func outcome(
        _ terms: LookUpTerms, _ user: String = "ana", claims: JSON = .emptyObject, showing token: String? = nil
    ) async -> String {
        do throws(LookUpError) {
            let question = LookUpQuestion(
                user: user, deployment: "prod", claims: claims, usersToken: token.map(ClientSecret.init))
            return try await lookUps.answer(terms, question)?.text ?? "(unknown)"
        } catch {
            return error.code
        }
    }
}
