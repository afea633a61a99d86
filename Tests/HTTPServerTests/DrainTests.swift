// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Sockets
import Synchronization
import Testing

@Suite struct DrainTests {
    private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    private let wait = "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test(arguments: [1, 2])
    func `a drain finishes what is in, lets nobody in, and ends the run`(loops: Int) throws {
        let server = try RunningServer(loops: loops)
        let idle = try RawClient(port: server.port)
        idle.send(get)
        #expect(try idle.answers(1).count == 1)
        let busy = try (0..<8).map { _ in try RawClient(port: server.port) }
        for client in busy { client.send(wait) }
        #expect(eventually { server.service.gate.arrived == 8 })

        server.server.drain(deadline: .seconds(60))
        #expect(idle.isClosed())
        #expect(eventually { (try? RawClient(port: server.port)) == nil })
        server.service.gate.open()
        for client in busy {
            let answer = try #require(try client.answers(1).first)
            #expect(answer.status == 200)
            #expect(answer.field("Connection") == "close")
            #expect(client.isClosed())
        }
        server.join()
        #expect(server.server.connectionsOpen == 0)
    }

    /// Has the loop run `body` in the turn in which it then drains: it has not looked at its sockets in between.
    private func drain(_ server: RunningServer, justAfter body: @escaping @Sendable () -> Void) {
        let (http, loop) = (server.server, server.server.loops[0])
        loop.execute {
            loop.execute(body)
            http.drain(deadline: .seconds(60))
        }
    }

    @Test func `a connection that came just before the drain is answered`() throws {
        let server = try RunningServer()
        let client = Mutex<RawClient?>(nil)
        let (port, get) = (server.port, get)
        drain(server) {
            client.withLock { $0 = try? RawClient(port: port) }
            client.withLock { $0 }?.send(get)
        }
        server.join()
        let answers = try #require(client.withLock { $0 }).answers(1)
        #expect(answers.map(\.status) == [200])
        #expect(answers.first?.field("Connection") == "close")
    }

    @Test func `a request that came on an idle connection just before the drain is answered`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send(get)
        #expect(try client.answers(1).count == 1)
        drain(server) { [get] in client.send(get) }
        server.join()
        #expect(try client.answers(2).map(\.status) == [200, 200])
    }

    @Test func `what is not done at the deadline is cut off, and its task still ends`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send(wait)
        #expect(eventually { server.service.gate.arrived == 1 })
        server.server.drain(deadline: .milliseconds(50))
        server.join()
        #expect(client.isClosed())
        #expect(client.received.isEmpty)
        server.service.gate.open()
    }

    @Test func `a later drain may shorten the first one's deadline`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send(wait)
        #expect(eventually { server.service.gate.arrived == 1 })
        server.server.drain(deadline: .seconds(600))
        server.server.drain(deadline: .zero)
        server.join()
        #expect(client.isClosed())
    }

    @Test func `a server that has run leaves nothing behind`() throws {
        weak var service: TestService?
        do {
            let server = try RunningServer(loops: 2)
            service = server.service
            for _ in 0..<10 {
                let client = try RawClient(port: server.port)
                client.send(get)
                #expect(try client.answers(1).count == 1)
            }
            #expect(service != nil)
        }
        #expect(service == nil)
    }

    @Test func `a server that is drained before it runs ends at once`() throws {
        let server = try HTTPServer(addresses: [.tcp(host: "127.0.0.1", port: 0)], service: TestService())
        server.drain(deadline: .seconds(60))
        try server.run()
        #expect(server.connectionsOpen == 0)
    }
}
