// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import RawPeer
import Testing

/// What is sent again, what is not, and when a peer is left alone.
@Suite struct RetryTests {
    private var patient: HTTPClientLimits {
        .with {
            $0.retries.attemptsMax = 3
            $0.breaker.failuresMax = 100
        }
    }

    /// A server that hangs up so often in the middle of its answer, and then answers.
    private func server(hangingUp count: Int, _ beginning: String = "") throws -> RawServer {
        let left = Left(count)
        return try RawServer { connection in
            guard connection.readHead() else { return }
            let fails = left.take()
            connection.send(fails ? beginning : "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell")
        }
    }

    // MARK: Again

    @Test func `a server that is busy for a moment is asked again`() async throws {
        let server = try GoodServer()
        server.service.failNext(2)
        let answer = try await (try Client(limits: patient)).get(server.url + "/flaky")
        #expect(answer.text == "well again\n")
        #expect(server.service.requestCount == 3)
    }

    @Test func `one that stays busy is not asked for ever, and its answer is returned`() async throws {
        let server = try GoodServer()
        server.service.failNext(100)
        let answer = try await (try Client(limits: patient)).get(server.url + "/flaky")
        #expect(answer.status == 503)
        #expect(server.service.requestCount == 3)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
    func `a hang-up is tried again, and nothing of the first answer stays`(beginning: String) async throws {
        let server = try server(hangingUp: 2, beginning)
        let answer = try await (try Client(limits: patient)).get(server.url)
        #expect(answer.text == "well")
        #expect(server.heads.count == 3)
    }

    @Test(arguments: [200, 400, 404, 429, 500, 501])
    func `another status is no reason to ask again`(status: Int) async throws {
        let server = try GoodServer()
        #expect(try await (try Client(limits: patient)).get(server.url + "/status/\(status)").status == status)
        #expect(server.service.requestCount == 1)
    }

    @Test(arguments: [HTTPClientRequest.Method.post, .patch])
    func `what must not happen twice is not sent twice`(method: HTTPClientRequest.Method) async throws {
        let client = try Client(limits: patient)
        let hanging = try server(hangingUp: 1)
        guard case .cutOff = await client.failure(of: .init(method, hanging.url)) else {
            Issue.record("not cut off")
            return
        }
        #expect(hanging.heads.count == 1)
        let busy = try GoodServer()
        busy.service.failNext(1)
        #expect(try await client.send(.init(method, busy.url + "/flaky")).status == 503)
        #expect(busy.service.requestCount == 1)
    }

    /// libcurl alone would send it again when a pooled connection is closed without an answer.
    @Test func `nor is it when the connection has served others before`() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = connection.readHead()
        }
        let client = try Client(limits: patient)
        #expect(try await client.get(server.url).status == 200)
        let closing = try RawServer { _ = $0.readHead() }
        guard case .cutOff = await client.failure(of: .init(.post, closing.url)) else {
            Issue.record("not cut off")
            return
        }
        #expect(try await client.send(.init(.post, server.url)).status == 200)
        #expect(server.heads.count { $0.hasPrefix("POST") } == 1)
        #expect(closing.heads.count == 1)
    }

    @Test func `a caller may say that it may be sent twice`() async throws {
        let server = try GoodServer()
        server.service.failNext(1)
        let request = HTTPClientRequest.with(.post, server.url + "/flaky") { $0.isRepeatable = true }
        #expect(try await (try Client(limits: patient)).send(request).status == 200)
        #expect(server.service.requestCount == 2)
    }

    @Test func `or that a look-up may not`() async throws {
        let server = try GoodServer()
        server.service.failNext(1)
        let request = HTTPClientRequest.with(.get, server.url + "/flaky") { $0.isRepeatable = false }
        #expect(try await (try Client(limits: patient)).send(request).status == 503)
        #expect(server.service.requestCount == 1)
    }

    @Test(arguments: ["11", "99999999999", "Fri, 01 Jan 2100 00:00:00 GMT"])
    func `a server that asks for a longer wait than we allow is not asked again`(value: String) async throws {
        let server = try GoodServer()
        server.service.failNext(1, fields: [("Retry-After", value)])
        let answer = try await (try Client(limits: patient)).get(server.url + "/flaky")
        #expect(answer.status == 503)
        #expect(try #require(answer.retryAfter) > .seconds(10))
        #expect(server.service.requestCount == 1)
    }

    @Test(arguments: ["0", "soon", "-1", "Sun, 06 Nov 1994 08:49:37 GMT"])
    func `a Retry-After that says nothing changes nothing`(value: String) async throws {
        let server = try GoodServer()
        server.service.failNext(1, fields: [("Retry-After", value)])
        #expect(try await (try Client(limits: patient)).get(server.url + "/flaky").status == 200)
    }

    @Test func `there is no pause that would outlast the request's time`() async throws {
        let server = try GoodServer()
        server.service.failNext(1, fields: [("Retry-After", "9")])
        let request = HTTPClientRequest.with(.get, server.url + "/flaky") { $0.timeout = .seconds(5) }
        #expect(try await (try Client(limits: patient)).send(request).status == 503)
    }

    @Test func `a task that is cancelled while it pauses is told so`() async throws {
        let server = try GoodServer()
        server.service.failNext(1, fields: [("Retry-After", "9")])
        let client = try Client(limits: patient)
        let task = Task { await client.failure(of: .init(.get, server.url + "/flaky")) }
        #expect(await eventually { server.service.requestCount == 1 })
        task.cancel()
        #expect(await task.value == .cancelled(Origin(scheme: .http, host: "127.0.0.1", port: server.port)))
        #expect(client.isAtRest)
    }

    // MARK: Left alone

    @Test func `a peer that keeps failing is left alone, whatever the failure, and others are not`() async throws {
        let good = try GoodServer()
        let bad = try RawServer(answer: "")
        let client = try Client(limits: .with { $0.breaker.failuresMax = 3 })
        for _ in 0..<3 { #expect(await client.failure(of: .init(.get, bad.url))?.retryAfter == nil) }
        let error = await client.failure(of: .init(.get, bad.url))
        guard case .circuitOpen = error, let span = error?.retryAfter else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(span > .zero && span <= .seconds(10))
        #expect(bad.heads.count == 3)
        #expect(try await client.get(good.url + "/").status == 200)
    }

    @Test func `502, 503 and 504 are failures of the peer, 500 is not`() async throws {
        let server = try GoodServer()
        let client = try Client(limits: .with { $0.breaker.failuresMax = 4 })
        for status in [500, 500, 500, 500, 500, 502, 503, 504, 503] {
            #expect(try await client.get(server.url + "/status/\(status)").status == status)
        }
        #expect(await client.failure(of: .init(.get, server.url + "/"))?.retryAfter != nil)
    }

    @Test func `after the cool-down one request finds out, and then all may ask`() async throws {
        let server = try server(hangingUp: 1)
        let client = try Client(
            limits: .with {
                $0.breaker.failuresMax = 1
                $0.breaker.coolDown = .milliseconds(30)
            })
        #expect(await client.failure(of: .init(.get, server.url)) != nil)
        try await Task.sleep(for: .milliseconds(40))
        for _ in 0..<3 { #expect(try await client.get(server.url).text == "well") }
    }

    @Test func `when retries have opened the breaker, what was seen of the peer is told`() async throws {
        let server = try RawServer(answer: "")
        let client = try Client(
            limits: .with {
                $0.retries.attemptsMax = 5
                $0.breaker.failuresMax = 2
            })
        guard case .cutOff = await client.failure(of: .init(.get, server.url)) else {
            Issue.record("not cut off")
            return
        }
        #expect(server.heads.count == 2)
    }
}
