// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTPClient
import RawPeer
import Testing

/// Peers that are slow, gone or lying. Each ends in its own error, and nothing is left behind.
@Suite struct FaultTests {
    /// The error of one GET, after which the client must be at rest and the peer's connection closed.
    private func failure(
        from server: RawServer,
        limits: HTTPClientLimits = .forTests,
        timeout: Duration = .seconds(60)
    ) async throws -> HTTPClientError? {
        let client = try Client(limits: limits)
        let error = await client.failure(of: .with(.get, server.url + "/?token=secret") { $0.timeout = timeout })
        #expect(await eventually { client.isAtRest && server.openCount == 0 })
        #expect(error?.description.contains("secret") == false)
        #expect(error?.description.contains(server.url) == true)
        return error
    }

    private func origin(_ server: RawServer) -> Origin { Origin(scheme: .http, host: "127.0.0.1", port: server.port) }

    // MARK: Slow

    @Test func `a peer that never answers ends at the request's time-out`() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.awaitEnd()
        }
        let error = try await failure(from: server, timeout: .seconds(1))
        #expect(error == .timedOut(origin(server), during: .answering))
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\nX-Slow: ", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
    func `a peer that drips its header or body does not get more time by it`(beginning: String) async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send(beginning)
            while connection.send("x") { usleep(2000) }
        }
        let error = try await failure(from: server, timeout: .seconds(1))
        #expect(error == .timedOut(origin(server), during: .answering))
    }

    @Test func `a peer that takes connections but does not speak TLS ends at the connection's time-out`() async throws {
        let server = try RawServer { $0.awaitEnd() }
        let client = try Client(limits: .with { $0.connectTimeout = .milliseconds(100) })
        let error = await client.failure(of: .init(.get, "https://127.0.0.1:\(server.port)/"))
        let peer = Origin(scheme: .https, host: "127.0.0.1", port: server.port)
        #expect(error == .timedOut(peer, during: .connecting))
        #expect(await eventually { client.isAtRest })
    }

    /// A listener whose queue is full does not answer to SYN, as a firewall that drops packets.
    @Test func `a black hole ends at the connection's time-out`() async throws {
        let hole = try BlackHole()
        let client = try Client(limits: .with { $0.connectTimeout = .milliseconds(100) })
        let error = await client.failure(of: .init(.get, "http://127.0.0.1:\(hole.port)/"))
        #expect(error == .timedOut(Origin(scheme: .http, host: "127.0.0.1", port: hole.port), during: .connecting))
    }

    @Test func `a black hole ends at the request's time-out where that is shorter`() async throws {
        let hole = try BlackHole()
        let request = HTTPClientRequest.with(.get, "http://127.0.0.1:\(hole.port)/") { $0.timeout = .milliseconds(50) }
        let error = await (try Client()).failure(of: request)
        #expect(error == .timedOut(Origin(scheme: .http, host: "127.0.0.1", port: hole.port), during: .connecting))
    }

    // MARK: Gone

    @Test func `nobody listens`() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let port = RawServer.listen(descriptor)
        close(descriptor)
        let error = await (try Client()).failure(of: .init(.get, "http://127.0.0.1:\(port)/?token=secret"))
        #expect(
            error == .unreachable(Origin(scheme: .http, host: "127.0.0.1", port: port), reason: "Connection refused"))
        #expect(
            error?.description == "http://127.0.0.1:\(port) cannot be connected to: Connection refused. "
                + "Check that it runs and that no firewall is between.")
    }

    @Test func `a name that nobody knows`() async throws {
        let error = await (try Client()).failure(of: .init(.get, "http://nobody.invalid/"))
        #expect(error == .hostUnknown(Origin(scheme: .http, host: "nobody.invalid", port: 80)))
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n",
    ])
    func `a hang-up in the middle is no answer`(answer: String) async throws {
        let error = try await failure(from: try RawServer(answer: answer))
        guard case .cutOff = error else {
            Issue.record("\(answer): \(String(describing: error))")
            return
        }
    }

    @Test func `a reset in the middle is no answer`() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")
            connection.reset()
        }
        let client = try Client()
        let error = await client.failure(of: .init(.get, server.url))
        guard case .cutOff = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    // MARK: Lying

    @Test(arguments: ["65537", "99999999", "99999999999999999999"])
    func `a body that is announced as too large is not read`(length: String) async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n")
            connection.awaitEnd()
        }
        let error = try await failure(from: server, limits: .with { $0.bodyBytes = 65_536 })
        #expect(error == .bodyTooLarge(origin(server), limit: 65_536))
    }

    @Test(arguments: ["Connection: close\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"])
    func `a body without end is cut at the bound`(framing: String) async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send("HTTP/1.1 200 OK\r\n" + framing)
            let piece = String(repeating: "x", count: 4096)
            while connection.send(framing.contains("chunked") ? "1000\r\n\(piece)\r\n" : piece) {}
        }
        let error = try await failure(from: server, limits: .with { $0.bodyBytes = 65_536 })
        #expect(error == .bodyTooLarge(origin(server), limit: 65_536))
    }

    @Test func `a body of exactly the bound is taken, one byte more is not`() async throws {
        let server = try GoodServer()
        let client = try Client(limits: .with { $0.bodyBytes = 1000 })
        #expect(try await client.get(server.url + "/bytes/1000").body.count == 1000)
        let peer = Origin(scheme: .http, host: "127.0.0.1", port: server.port)
        #expect(await client.failure(of: .init(.get, server.url + "/bytes/1001")) == .bodyTooLarge(peer, limit: 1000))
        let larger = HTTPClientRequest.with(.get, server.url + "/bytes/1001") { $0.bodyBytesMax = 1001 }
        #expect(try await client.send(larger).body.count == 1001)
    }

    @Test func `so it is where the length is not announced`() async throws {
        let client = try Client(limits: .with { $0.bodyBytes = 10 })
        let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n"
        let exact = try RawServer(answer: answer + "4\r\nghij\r\n0\r\n\r\n")
        #expect(try await client.get(exact.url).text == "abcdefghij")
        let longer = try RawServer(answer: answer + "5\r\nghijk\r\n0\r\n\r\n")
        #expect(await client.failure(of: .init(.get, longer.url)) == .bodyTooLarge(origin(longer), limit: 10))
    }

    @Test func `headers of exactly the bound are taken, one byte more is not`() async throws {
        let server = try RawServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(try await Client(limits: .with { $0.headerBytes = 38 }).get(server.url).status == 200)
        let client = try Client(limits: .with { $0.headerBytes = 37 })
        #expect(await client.failure(of: .init(.get, server.url)) == .headersTooLarge(origin(server), limit: 37))
    }

    @Test(arguments: ["X-Long: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n", "HTTP/1.1 100 Continue\r\n\r\n"])
    func `headers without end are cut at the bound, also those of interim answers`(piece: String) async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            if piece.hasPrefix("X") { connection.send("HTTP/1.1 200 OK\r\n") }
            while connection.send(piece) {}
        }
        let error = try await failure(from: server, limits: .with { $0.headerBytes = 8192 })
        #expect(error == .headersTooLarge(origin(server), limit: 8192))
    }

    @Test func `one header line without end is cut`() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send("HTTP/1.1 200 OK\r\nX-Long: ")
            while connection.send(String(repeating: "x", count: 4096)) {}
        }
        guard case .headersTooLarge = try await failure(from: server) else {
            Issue.record("not seen as too large")
            return
        }
    }

    @Test func `trailers without end are cut`() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
            while connection.send("X-Trailer: xxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n") {}
        }
        let error = try await failure(from: server, limits: .with { $0.headerBytes = 8192 })
        #expect(error == .headersTooLarge(origin(server), limit: 8192))
    }

    @Test(arguments: [
        "<!DOCTYPE html><html>It works!</html>", "SSH-2.0-OpenSSH_9.2\r\n", "\0\0\0\0", "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: nonsense\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    ])
    func `what is not HTTP is no answer`(answer: String) async throws {
        let error = try await failure(from: try RawServer(answer: answer))
        guard case .malformed = error else {
            Issue.record("\(answer): \(String(describing: error))")
            return
        }
    }

    @Test func `HTML where something else was expected is the caller's to see`() async throws {
        let page = "<html>log in first</html>"
        let server = try RawServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)")
        let answer = try await Client().get(server.url)
        #expect(answer["Content-Type"] == "text/html")
        #expect(answer.text == page)
    }

    /// What follows on the connection must not become the next answer.
    @Test(arguments: [true, false])
    func `bytes beyond the announced length are not taken for another answer`(inOnePiece: Bool) async throws {
        let forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
        let taken = Left(0)
        let server = try RawServer { connection in
            while connection.readHead() {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue" + (inOnePiece ? forged : ""))
                guard !inOnePiece else { continue }
                while !taken.take() { usleep(500) }
                connection.send(forged)
            }
        }
        let client = try Client()
        for _ in 0..<5 {
            #expect(try await client.get(server.url).text == "true")
            taken.add()
            #expect(await eventually { server.openCount == 0 })
        }
    }
}

/// A listening socket whose queue is full, so that the kernel drops further connections' first packets.
private final class BlackHole {
    let port: UInt16
    private let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    private var fillers: [Int32] = []

    init() throws {
        port = RawServer.listen(listener, backlog: 0)
        for _ in 0..<4 { fillers.append(fill()) }
    }

    private func fill() -> Int32 {
        let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(filler, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return filler
    }

    deinit { for descriptor in fillers + [listener] { close(descriptor) } }
}
