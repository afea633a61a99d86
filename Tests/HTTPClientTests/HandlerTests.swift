// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import HTTPServer
import Sockets
import Testing

/// A server whose handlers ask another one, on the same loops: what the client is for.
@Suite struct HandlerTests {
    /// Answers with what the peer answers, and whether that came on the handler's own loop.
    private struct Asking: HTTPService {
        let http: HTTPClient
        let peer: String
        let loops: [EventLoop]

        func respond(to request: HTTPRequest) -> HTTPAnswer {
            .later {
                guard let loop = loops.first(where: \.isCurrent) else { return HTTPResponse(status: 500) }
                do throws(HTTPClientError) {
                    let answer = try await http.send(.init(.get, peer + (request.head.query ?? "/")))
                    let place = loop.isCurrent ? "same loop" : "another loop"
                    return HTTPResponse(status: answer.status, text: "\(place): \(answer.text)")
                } catch {
                    return HTTPResponse(status: 502, text: "\(error)")
                }
            }
        }
    }

    @Test func `handlers on two loops ask a peer, each on its own loop and connections`() async throws {
        let peer = try GoodServer()
        let loops = [try EventLoop(), try EventLoop()]
        let http = HTTPClient(loops: loops, limits: .with { $0.connectionsPerOriginMax = 4 })
        let server = try HTTPServer(
            addresses: [.tcp(host: "127.0.0.1", port: 0)], on: loops,
            service: Asking(http: http, peer: peer.url, loops: loops))
        let thread = try LoopThread(named: "test-server") { try? server.run() }
        let address = server.addresses[0]
        let client = try Client(limits: .with { $0.connectionsPerOriginMax = 32 })
        try await withThrowingTaskGroup { group in
            for number in 0..<100 {
                group.addTask {
                    let text = try await client.get("http://\(address)/?/echo?\(number)").text
                    #expect(text.hasPrefix("same loop: GET /echo?\(number)\n"))
                }
            }
            try await group.waitForAll()
        }
        #expect(peer.service.connectionCount <= 8)
        server.drain(deadline: .seconds(60))
        thread.join()
        #expect(http.requestsAtHand == 0 && http.transfersRunning == 0)
        #expect(await eventually { peer.connectionsOpen == 0 })
    }

    @Test func `a drain waits for the handlers that ask, and they get their answers`() async throws {
        let peer = try GoodServer()
        let loop = try EventLoop()
        let http = HTTPClient(loops: [loop])
        let server = try HTTPServer(
            addresses: [.tcp(host: "127.0.0.1", port: 0)], on: [loop],
            service: Asking(http: http, peer: peer.url, loops: [loop]))
        let thread = try LoopThread(named: "test-server") { try? server.run() }
        let address = server.addresses[0]
        let client = try Client()
        let asking = Task { try await client.get("http://\(address)/?/wait").text }
        #expect(await eventually { peer.service.waitingCount == 1 })
        server.drain(deadline: .seconds(60))
        peer.service.openGate()
        #expect(try await asking.value == "same loop: waited\n")
        thread.join()
    }
}
