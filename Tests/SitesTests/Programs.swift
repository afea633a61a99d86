// SPDX-License-Identifier: Apache-2.0
import Foundation
import HTTPClient
import HTTPServer
import HubAPI
import JSONTree
import Sockets
import Synchronization

/// The programs that a site has asked before a start and told of a stop, and the services that it looks people up in,
/// as one server on a loopback port: whatever address a question has, it is sent there, and what the case says is its
/// answer.
final class Programs: WebAsking {
    private let server: HTTPServer
    private let client: HTTPClient
    private let state: ProgramState

    init() throws {
        state = ProgramState()
        server = try HTTPServer(addresses: [.tcp(host: "127.0.0.1", port: 0)], service: state)
        // A service that fails is not asked again: it would fail until the case ends.
        var limits = HTTPClientLimits()
        limits.retries.attemptsMax = 1
        client = HTTPClient(loops: server.loops, limits: limits)
        Thread.detachNewThread { [server] in try? server.run() }
    }

    func close() { server.drain(deadline: .zero) }

    /// - Parameter answers: by the address that is asked, and where a user's own token must be shown, by address, blank
    ///   and token. Null is a program that answers with a failure, as those do
    ///   that no case speaks of; a number is that status, and a text an answer that is no JSON.
    func begin(_ answers: [(address: String, answer: JSON)]) {
        state.begin(Dictionary(answers.map { ($0.address, $0.answer) }) { first, _ in first })
    }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        guard case .tcp(_, let port) = server.addresses[0] else { preconditionFailure("the server has a port") }
        var moved = request
        moved.url = "http://127.0.0.1:\(port)/"
        moved.headers.append(("X-Address", request.url))
        return try await client.send(moved)
    }

    /// What was asked and told of a start, such as `before https://spark.example.org/berth`, once there are `count` or
    /// none came for long: programs are told of a stop in the background.
    func events(of start: String, _ count: Int) async -> [String] {
        for _ in 0..<1000 where state.events(of: start).count < count {
            try? await Task.sleep(for: .milliseconds(5))
        }
        return state.events(of: start)
    }
}

private final class ProgramState: HTTPService {
    private let content = Mutex<(answers: [String: JSON], events: [String: [String]])>(([:], [:]))

    func begin(_ answers: [String: JSON]) { content.withLock { $0 = (answers, [:]) } }

    func events(of start: String) -> [String] { content.withLock { $0.events[start] ?? [] } }

    func respond(to request: HTTPRequest) -> HTTPAnswer {
        let address = request.head.headers["x-address"] ?? ""
        let question = (try? JSON(parsing: request.body)) ?? .null
        // A look-up has no event.
        guard let event = question["event"]?.string else {
            let token = request.head.headers["authorization"]?.dropFirst("Bearer ".count) ?? ""
            return .now(content.withLock { $0.answers["\(address) \(token)"] ?? $0.answers[address] }.response)
        }
        let answer = content.withLock { content in
            content.events[question["start"]?.string ?? "", default: []].append("\(event) \(address)")
            return content.answers[address]
        }
        return .now(answer.response)
    }
}

extension JSON? {
    fileprivate var response: HTTPResponse {
        switch self?.kind {
        case nil, .null: HTTPResponse(status: 503, text: "out of order\n")
        case .number: HTTPResponse(status: self?.int ?? 503, text: "no\n")
        case .string: HTTPResponse(status: 200, text: self?.string ?? "")
        default: HTTPResponse(status: 200, body: self?.bytes ?? [])
        }
    }
}
