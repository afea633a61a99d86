// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Testing

/// Clients that are slow, many, or gone.
@Suite struct LimitTests {
    private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    private func limits(_ change: (inout HTTPLimits) -> Void) -> HTTPLimits {
        var limits = HTTPLimits()
        change(&limits)
        return limits
    }

    // MARK: Time

    @Test func `a head that does not end in time gets 408 and the connection closes`() throws {
        let server = try RunningServer(limits: limits { $0.headerTimeout = .milliseconds(50) })
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHos")
        #expect(try client.answers(1).map(\.status) == [408])
        client.endSending()
        #expect(client.isClosed())
    }

    /// The limit counts from the first byte, not from the last.
    @Test func `a head that trickles in gets 408 as well`() throws {
        let server = try RunningServer(limits: limits { $0.headerTimeout = .milliseconds(200) })
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\n")
        var sent = 0
        while !client.receive(withinMilliseconds: 20), !client.hasEnded, sent < 500 {
            client.send("A: b\r\n")
            sent += 1
        }
        #expect(try client.answers(1).map(\.status) == [408])
        #expect(sent < 100)
    }

    @Test func `a body without progress gets 408 and the connection closes`() throws {
        let server = try RunningServer(limits: limits { $0.bodyTimeout = .milliseconds(50) })
        let client = try RawClient(port: server.port)
        client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel")
        #expect(try client.answers(1).map(\.status) == [408])
        client.endSending()
        #expect(client.isClosed())
    }

    @Test func `a body that trickles in gets 408 when the whole request has taken too long`() throws {
        let server = try RunningServer(limits: limits { $0.requestTimeout = .milliseconds(200) })
        let client = try RawClient(port: server.port)
        client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n")
        var sent = 0
        while !client.receive(withinMilliseconds: 20), !client.hasEnded, sent < 500 {
            client.send("a")
            sent += 1
        }
        #expect(try client.answers(1).map(\.status) == [408])
    }

    @Test func `an idle connection closes without a word, before and after a request`() throws {
        let server = try RunningServer(limits: limits { $0.idleTimeout = .milliseconds(50) })
        let fresh = try RawClient(port: server.port)
        #expect(fresh.isClosed())
        #expect(fresh.received.isEmpty)

        let used = try RawClient(port: server.port)
        used.send(get)
        #expect(used.isClosed())
        #expect(try used.answers().map(\.status) == [200])
    }

    @Test func `a client that does not take its answer is cut off`() throws {
        let service = TestService(bigBytes: 64 << 20)
        let server = try RunningServer(limits: limits { $0.writeTimeout = .milliseconds(50) }, service: service)
        let client = try RawClient(port: server.port)
        client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(eventually { service.servedCount == 1 })
        #expect(eventually { server.server.connectionsOpen == 0 })
        withExtendedLifetime(client) {}
    }

    @Test func `a handler may take longer than any of these limits`() throws {
        let short = limits {
            $0.headerTimeout = .milliseconds(20)
            $0.bodyTimeout = .milliseconds(20)
            $0.requestTimeout = .milliseconds(20)
            $0.idleTimeout = .milliseconds(20)
        }
        let server = try RunningServer(limits: short)
        let client = try RawClient(port: server.port)
        // The second one's bytes are there all the while, and its time begins when the first is answered.
        client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n" + get)
        #expect(!client.receive(withinMilliseconds: 100))
        #expect(!client.hasEnded)
        server.service.gate.open()
        #expect(try client.answers(2).map(\.status) == [200, 200])
    }

    /// Not by what was left over from the time of the one before.
    @Test func `a head's time begins when the answer before it is made`() throws {
        let server = try RunningServer(limits: limits { $0.headerTimeout = .seconds(2) })
        let client = try RawClient(port: server.port)
        client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n")
        #expect(!client.receive(withinMilliseconds: 2200))
        server.service.gate.open()
        #expect(try client.answers(1).map(\.status) == [200])
        client.send("Host: x\r\n\r\n")
        #expect(try client.answers(2).map(\.status) == [200, 200])
    }

    // MARK: Number

    @Test func `nothing more is served while the client does not take its answers`() throws {
        let service = TestService(bigBytes: 16 << 20)
        let server = try RunningServer(service: service)
        let client = try RawClient(port: server.port)
        client.send(String(repeating: "GET /big HTTP/1.1\r\nHost: x\r\n\r\n", count: 50))
        #expect(eventually { service.servedCount > 0 })
        // Another client's exchange shows that the loop has had its turns.
        let other = try RawClient(port: server.port)
        for count in 1...5 {
            other.send(get)
            #expect(try other.answers(count).count == count)
        }
        #expect(service.servedCount <= 5 + 2)
        #expect(try client.answers(3).map(\.body.count) == [16 << 20, 16 << 20, 16 << 20])
    }

    @Test func `a connection above the maximum gets 503, and a place is free again when one closes`() throws {
        let server = try RunningServer(limits: limits { $0.connectionsMax = 2 })
        var kept = try (0..<2).map { _ in try RawClient(port: server.port) }
        for client in kept {
            client.send(get)
            #expect(try client.answers(1).map(\.status) == [200])
        }
        let surplus = try RawClient(port: server.port)
        surplus.send(get)
        let answer = try #require(try surplus.answers(1).first)
        #expect(answer.status == 503)
        #expect(answer.field("Retry-After") == "1")
        surplus.endSending()
        #expect(surplus.isClosed())

        kept.removeLast()
        #expect(eventually { server.server.connectionsOpen == 1 })
        let next = try RawClient(port: server.port)
        next.send(get)
        #expect(try next.answers(1).map(\.status) == [200])
    }

    @Test func `a connection above the surplus too waits until there is room`() throws {
        let few = limits {
            $0.connectionsMax = 1
            $0.connectionsSurplusMax = 0
        }
        let server = try RunningServer(limits: few)
        var first: RawClient? = try RawClient(port: server.port)
        first?.send(get)
        #expect(try first?.answers(1).map(\.status) == [200])
        let second = try RawClient(port: server.port)
        second.send(get)
        #expect(!second.receive(withinMilliseconds: 100))
        first = nil
        #expect(try second.answers(1).map(\.status) == [200])
    }

    // MARK: Gone

    @Test func `the answer to a client that has hung up is dropped, and its place is free`() throws {
        let server = try RunningServer()
        var clients = try (0..<20).map { _ in try RawClient(port: server.port) }
        for client in clients { client.send("GET /wait?them HTTP/1.1\r\nHost: x\r\n\r\n") }
        #expect(eventually { server.service.gate.arrived == 20 })
        for client in clients { client.reset() }
        clients = []
        #expect(eventually { server.server.connectionsOpen == 0 })

        // Takes over one of their objects while their tasks still run.
        let next = try RawClient(port: server.port)
        next.send("GET /wait?it HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(eventually { server.service.gate.arrived == 21 })
        server.service.gate.open()
        #expect(try next.answers(1).map(\.text) == ["waited for it\n"])
        next.send(get)
        #expect(try next.answers(2).map(\.text) == ["waited for it\n", "hello, world\n"])
    }
}
