// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import RawPeer
import Sockets
import Testing

/// Connections and waiting: how many, whose, and for how long.
@Suite struct PoolTests {
    @Test func `requests one after another share a connection`() async throws {
        let server = try GoodServer()
        let client = try Client()
        for _ in 0..<20 { #expect(try await client.get(server.url + "/").status == 200) }
        #expect(server.service.connectionCount == 1)
    }

    @Test(arguments: [1, 2])
    func `200 requests at once are all answered, by no more connections than allowed`(loops: Int) async throws {
        let server = try GoodServer()
        let client = try Client(loops: loops, limits: .with { $0.connectionsPerOriginMax = 8 })
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<200 {
                group.addTask { try await client.get(server.url + "/echo?\(number)").text }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert(String($1.prefix { $0 != "\n" })) }
        }
        #expect(answers == Set((0..<200).map { "GET /echo?\($0)" }))
        #expect(server.service.connectionCount <= 8 * loops)
        #expect(await eventually { client.isAtRest })
    }

    @Test func `a task on a loop is served by that loop`() async throws {
        let server = try GoodServer()
        let client = try Client(loops: 4)
        for _ in 0..<20 {
            let isThere = try await Task(executorPreference: client.loops[2]) {
                _ = try await client.get(server.url + "/")
                return client.loops[2].isCurrent
            }.value
            #expect(isThere)
        }
        #expect(server.service.connectionCount == 1)
    }

    @Test func `a request that must not be repeated gets a new connection, so that nobody repeats it`() async throws {
        let server = try GoodServer()
        let client = try Client()
        for _ in 0..<3 { #expect(try await client.send(.init(.post, server.url + "/echo")).status == 200) }
        #expect(server.service.connectionCount == 3)
    }

    @Test func `the idle connections of one origin give way to another's`() async throws {
        let servers = try (0..<4).map { _ in try GoodServer() }
        let client = try Client(limits: .with { $0.connectionsMax = 2 })
        for server in servers + servers { #expect(try await client.get(server.url + "/").status == 200) }
        #expect(await eventually { servers.reduce(0) { $0 + $1.connectionsOpen } <= 2 })
    }

    @Test func `a connection that the server has closed meanwhile is not used`() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let client = try Client()
        for _ in 0..<5 {
            #expect(try await client.get(server.url).text == "ok")
            #expect(await eventually { server.openCount == 0 })
        }
        #expect(server.connectionCount == 5)
    }

    // MARK: Bounds

    /// Requests for /wait until so many run and so many wait.
    private func fill(_ client: Client, _ server: GoodServer, running: Int, waiting: Int) async -> [Task<Int?, Never>] {
        let tasks = (0..<(running + waiting)).map { _ in
            Task { try? await client.get(server.url + "/wait").status }
        }
        #expect(await eventually { client.http.transfersRunning == running && client.http.requestsWaiting == waiting })
        return tasks
    }

    @Test func `as many run as connections are allowed, as many wait as may, and the next is told so`() async throws {
        let server = try GoodServer()
        let client = try Client(
            limits: .with {
                $0.connectionsPerOriginMax = 3
                $0.waitersPerOriginMax = 4
            })
        let tasks = await fill(client, server, running: 3, waiting: 4)
        let error = await client.failure(of: .init(.get, server.url + "/wait"))
        #expect(error == .overloaded(Origin(scheme: .http, host: "127.0.0.1", port: server.port), waiting: 4))
        server.service.openGate()
        for task in tasks { #expect(await task.value == 200) }
        #expect(await eventually { client.isAtRest })
    }

    @Test func `who waits for a slow peer does not stand in another's way`() async throws {
        let (slow, quick) = (try GoodServer(), try GoodServer())
        let client = try Client(
            limits: .with {
                $0.connectionsPerOriginMax = 2
                $0.waitersMax = 8
                $0.waitersPerOriginMax = 4
            })
        let tasks = await fill(client, slow, running: 2, waiting: 4)
        for _ in 0..<10 { #expect(try await client.get(quick.url + "/").status == 200) }
        slow.service.openGate()
        for task in tasks { #expect(await task.value == 200) }
    }

    @Test func `waiting is part of a request's time, and says nothing of the peer`() async throws {
        let server = try GoodServer()
        let client = try Client(
            limits: .with {
                $0.connectionsPerOriginMax = 1
                $0.breaker.failuresMax = 1
            })
        let tasks = await fill(client, server, running: 1, waiting: 0)
        let request = HTTPClientRequest.with(.get, server.url + "/") { $0.timeout = .milliseconds(30) }
        let error = await client.failure(of: request)
        #expect(error == .timedOut(Origin(scheme: .http, host: "127.0.0.1", port: server.port), during: .waiting))
        server.service.openGate()
        for task in tasks { #expect(await task.value == 200) }
        #expect(try await client.get(server.url + "/").status == 200)
    }

    // MARK: Cancelling

    @Test func `cancelling a task ends its transfer`() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.awaitEnd()
        }
        let client = try Client()
        let task = Task { await client.failure(of: .init(.get, server.url)) }
        #expect(await eventually { server.heads.count == 1 })
        task.cancel()
        #expect(await task.value == .cancelled(Origin(scheme: .http, host: "127.0.0.1", port: server.port)))
        #expect(await eventually { server.openCount == 0 && client.isAtRest })
    }

    @Test func `one that waits is cancelled too, and one that was cancelled before it came`() async throws {
        let server = try GoodServer()
        let client = try Client(limits: .with { $0.connectionsPerOriginMax = 1 })
        let tasks = await fill(client, server, running: 1, waiting: 0)
        let peer = Origin(scheme: .http, host: "127.0.0.1", port: server.port)
        let waiter = Task { await client.failure(of: .init(.get, server.url + "/")) }
        #expect(await eventually { client.http.requestsWaiting == 1 })
        waiter.cancel()
        #expect(await waiter.value == .cancelled(peer))
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await client.failure(of: .init(.get, server.url + "/"))
        }
        #expect(await late.value == .cancelled(peer))
        server.service.openGate()
        for task in tasks { #expect(await task.value == 200) }
        #expect(server.service.requestCount == 1)
    }

    @Test func `a thousand requests of which half are cancelled leave nothing behind`() async throws {
        let server = try GoodServer()
        let client = try Client(loops: 2, limits: .with { $0.waitersPerOriginMax = 1024 })
        await withTaskGroup { group in
            for number in 0..<1000 {
                group.addTask {
                    let task = Task { try? await client.get(server.url + "/").status }
                    if number.isMultiple(of: 2) { task.cancel() } else { #expect(await task.value == 200) }
                    _ = await task.value
                }
            }
        }
        #expect(await eventually { client.isAtRest })
        #expect(try await client.get(server.url + "/").status == 200)
    }

    // MARK: Ending

    @Test func `a shut-down waits for what runs, lets nobody in, and closes the connections`() async throws {
        let server = try GoodServer()
        let client = try Client(loops: 2)
        let tasks = await fill(client, server, running: 4, waiting: 0)
        let ending = Task { await client.http.shutDown(deadline: .seconds(60)) }
        let peer = Origin(scheme: .http, host: "127.0.0.1", port: server.port)
        #expect(await closed(client, server) == .closed(peer))
        server.service.openGate()
        for task in tasks { #expect(await task.value == 200) }
        await ending.value
        #expect(await eventually { server.connectionsOpen == 0 })
        await client.http.shutDown(deadline: .zero)
    }

    /// The error once the client lets nobody in.
    private func closed(_ client: Client, _ server: GoodServer) async -> HTTPClientError? {
        for _ in 0..<10_000 {
            if let error = await client.failure(of: .init(.get, server.url + "/")) { return error }
        }
        return nil
    }

    @Test func `what is not done at a shut-down's deadline is cut off`() async throws {
        let server = try GoodServer()
        let client = try Client(limits: .with { $0.connectionsPerOriginMax = 1 })
        let peer = Origin(scheme: .http, host: "127.0.0.1", port: server.port)
        let tasks = (0..<2).map { _ in Task { await client.failure(of: .init(.get, server.url + "/wait")) } }
        #expect(await eventually { client.http.requestsWaiting == 1 && server.service.waitingCount == 1 })
        await client.http.shutDown(deadline: .milliseconds(20))
        for task in tasks { #expect(await task.value == .closed(peer)) }
        server.service.openGate()
        #expect(await eventually { client.isAtRest && server.connectionsOpen == 0 })
    }

    @Test func `a loop that stops answers all who wait for it, and those who come later`() async throws {
        let server = try GoodServer()
        let client = try Client(limits: .with { $0.connectionsPerOriginMax = 1 })
        let peer = Origin(scheme: .http, host: "127.0.0.1", port: server.port)
        let tasks = (0..<2).map { _ in Task { await client.failure(of: .init(.get, server.url + "/wait")) } }
        #expect(await eventually { client.http.requestsWaiting == 1 && server.service.waitingCount == 1 })
        client.loops[0].execute { client.loops[0].stop() }
        for task in tasks { #expect(await task.value == .closed(peer)) }
        server.service.openGate()
        #expect(await client.failure(of: .init(.get, server.url + "/")) == .closed(peer))
        await client.http.shutDown(deadline: .seconds(60))
        #expect(await eventually { server.connectionsOpen == 0 })
    }

    @Test func `a client that is no longer held closes its connections`() async throws {
        let server = try GoodServer()
        let loop = try EventLoop()
        let thread = try LoopThread(named: "test-loop") { loop.run() }
        do {
            let http = HTTPClient(loops: [loop])
            #expect(try await http.send(.init(.get, server.url + "/")).status == 200)
            #expect(server.connectionsOpen == 1)
        }
        #expect(await eventually { server.connectionsOpen == 0 })
        loop.execute { loop.stop() }
        thread.join()
    }
}
