// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTPClient
import RawPeer
import Sockets
import Synchronization
import Testing

/// Answers that come piece by piece.
struct StreamTests {
    private let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n"

    private func origin(_ server: RawServer) -> Origin { Origin(scheme: .http, host: "127.0.0.1", port: server.port) }

    /// The rest of a stream, or the error at its end.
    private func rest(of stream: HTTPClientStream) async -> (text: String, error: HTTPClientError?) {
        var text = ""
        do throws(HTTPClientError) {
            while let piece = try await stream.next() { text += String(decoding: piece, as: UTF8.self) }
            return (text, nil)
        } catch {
            return (text, error)
        }
    }

    @Test func `pieces come while the answer is still under way`() async throws {
        let mayEnd = Left(0)
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send(self.head + "5\r\nfirst\r\n")
            while !mayEnd.take() { usleep(500) }
            connection.send("4\r\nlast\r\n0\r\n\r\n")
        }
        let client = try Client()
        let stream = try await client.http.open(.init(.get, server.url), idle: .seconds(20))
        #expect(stream.head.status == 200 && stream.head["x-a"] == "b" && stream.head.body.isEmpty)
        #expect(try await stream.next() == Array("first".utf8))
        mayEnd.add()
        #expect(await rest(of: stream) == ("last", nil))
        #expect(await eventually { client.isAtRest })
    }

    @Test func `all of a large answer comes, in order and in pieces of bounded size`() async throws {
        let body = (0..<200_000).map { "\($0)," }.joined()
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
        let client = try Client(limits: .with { $0.bodyBytes = 1000 })
        let stream = try await client.http.open(.init(.get, server.url), idle: .seconds(20))
        var taken: [UInt8] = []
        while let piece = try await stream.next() {
            #expect(!piece.isEmpty && piece.count <= 64 << 10)
            taken += piece
        }
        #expect(String(decoding: taken, as: UTF8.self) == body)
    }

    /// The sockets' buffers take some; a client that held everything would take all.
    @Test func `a peer waits for a consumer that does not take`() async throws {
        let sent = Atomic<Int>(0)
        let all = 64 << 20
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(all)\r\n\r\n")
            let piece = [UInt8](repeating: 0x61, count: 1 << 20)
            while sent.load(ordering: .relaxed) < all, connection.send(piece) {
                sent.add(piece.count, ordering: .relaxed)
            }
        }
        let client = try Client()
        let request = HTTPClientRequest.with(.get, server.url) { $0.timeout = .seconds(60) }
        let stream = try await client.http.open(request, idle: .milliseconds(100))
        var before = -1
        while sent.load(ordering: .relaxed) != before {
            before = sent.load(ordering: .relaxed)
            try await Task.sleep(for: .milliseconds(300))
        }
        #expect(before < all / 2)
        // The silence was ours, and so is no time-out.
        var count = 0
        while let piece = try await stream.next() { count += piece.count }
        #expect(count == all)
    }

    @Test func `silence between two pieces ends it`() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send(self.head + "5\r\nfirst\r\n")
            connection.awaitEnd()
        }
        let client = try Client()
        let stream = try await client.http.open(.init(.get, server.url), idle: .milliseconds(50))
        #expect(await rest(of: stream) == ("first", .timedOut(origin(server), during: .streaming)))
        #expect(await eventually { server.openCount == 0 && client.isAtRest })
    }

    @Test func `pieces in time keep it open, up to the bound of the whole`() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send(self.head)
            while connection.send("1\r\nx\r\n") { usleep(20_000) }
        }
        let client = try Client()
        let request = HTTPClientRequest.with(.get, server.url) { $0.timeout = .milliseconds(600) }
        let stream = try await client.http.open(request, idle: .milliseconds(400))
        let (text, error) = await rest(of: stream)
        #expect(text.count > 2 && error == .timedOut(origin(server), during: .answering))
    }

    @Test func `an answer that is cut off says so behind its pieces`() async throws {
        let server = try RawServer(answer: head + "5\r\nfirst\r\n5\r\nse")
        let client = try Client()
        let stream = try await client.http.open(.init(.get, server.url), idle: .seconds(20))
        let (text, error) = await rest(of: stream)
        #expect(text == "firstse")
        guard case .cutOff = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `no answer at all is an error at the beginning`() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.awaitEnd()
        }
        let client = try Client()
        let request = HTTPClientRequest.with(.get, server.url) { $0.timeout = .milliseconds(100) }
        await #expect(throws: HTTPClientError.timedOut(origin(server), during: .answering)) {
            try await client.http.open(request, idle: .seconds(20))
        }
        await #expect(throws: HTTPClientError.timedOut(origin(server), during: .answering)) {
            try await client.http.open(.init(.get, server.url), idle: .milliseconds(100))
        }
        await #expect(throws: HTTPClientError.self) {
            try await client.http.open(.init(.get, "http://127.0.0.1:1/"), idle: .seconds(20))
        }
    }

    @Test(arguments: ["let go of", "cancelled", "drained"])
    func `the transfer ends with the consumer's interest`(way: String) async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send(self.head + "5\r\nfirst\r\n")
            connection.awaitEnd()
        }
        let client = try Client()
        var stream: HTTPClientStream? = try await client.http.open(.init(.get, server.url), idle: .seconds(20))
        #expect(try await stream?.next() == Array("first".utf8))
        switch way {
        case "let go of": stream = nil
        case "drained": await client.http.shutDown(deadline: .seconds(20))
        default:
            let whole = try #require(stream)
            let waiting = Task { await rest(of: whole).error }
            waiting.cancel()
            #expect(await waiting.value == .cancelled(origin(server)))
        }
        #expect(await eventually { server.openCount == 0 && client.http.transfersRunning == 0 })
    }
}
