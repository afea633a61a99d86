// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Testing

/// Requests and answers on connections that behave.
@Suite struct ExchangeTests {
    private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    private func post(_ path: String, _ body: String, _ fields: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    @Test func `an answer has a date and a length, and does not name the server`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send(get)
        let answer = try #require(try client.answers(1).first)
        #expect(answer.text == "hello, world\n")
        #expect(answer.field("Content-Length") == "13")
        let date = try #require(answer.field("Date"))
        #expect(
            date.wholeMatch(of: /(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/) != nil
        )
        #expect(answer.field("Server") == nil)
        #expect(answer.field("Connection") == nil)
    }

    @Test func `the answer to HEAD has the fields of GET's answer and no body`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.methods = ["HEAD", "GET"]
        client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + get)
        let answers = try client.answers(2)
        #expect(answers.map(\.status) == [200, 200])
        #expect(answers.first?.field("Content-Length") == "13")
        #expect(answers.last?.text == "hello, world\n")
    }

    @Test func `what a service says of the connection is left out, and no value becomes a field`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send("GET /fields HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try #require(try client.answers(1).first)
        #expect(answer.fields.dropFirst() == ["X-Split: a  X-Forged: b", "X-Kept: c", "Content-Length: 1"])
        #expect(answer.fields.first?.hasPrefix("Date: ") == true)
        #expect(answer.fields.first != "Date: never")
    }

    @Test func `answers come in the order of the requests, made at once or later`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        let bodies = (0..<60).map { "body \($0)" }
        client.send(bodies.enumerated().map { post($0 % 3 == 0 ? "/later" : "/echo", $1) }.joined())
        #expect(try client.answers(bodies.count).map(\.text) == bodies)
    }

    @Test func `more pipelined requests than one read holds are all answered`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        let count = 5000
        client.send(String(repeating: get, count: count))
        #expect(try client.answers(count).count == count)
    }

    @Test func `a large body comes and goes whole`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        let body = String((0..<300_000).map { "\($0 % 10)" }.joined())
        client.send(post("/later", body))
        #expect(try client.answers(1).first?.text == body)
    }

    @Test func `HTTP 1 0 closes after one answer unless it asks to keep the connection`() throws {
        let server = try RunningServer()
        let closing = try RawClient(port: server.port)
        closing.send("GET / HTTP/1.0\r\n\r\n")
        #expect(try closing.answers(1).first?.field("Connection") == "close")
        #expect(closing.isClosed())

        let keeping = try RawClient(port: server.port)
        for count in 1...2 {
            keeping.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try keeping.answers(count).last?.field("Connection") == "keep-alive")
        }
    }

    @Test func `a client that has ended its side still gets its answers`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send(post("/later", "a") + post("/echo", "b"))
        client.endSending()
        #expect(try client.answers(2).map(\.text) == ["a", "b"])
        #expect(client.isClosed())
    }

    @Test func `half a request is not answered when the client ends its side`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel")
        client.endSending()
        #expect(client.isClosed())
        #expect(client.received.isEmpty)
        #expect(server.service.servedCount == 0)
    }

    // MARK: Refusal before the body

    @Test func `a body is asked for only after the service has admitted the head`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(try client.answers(1).map(\.status) == [100])
        client.send("ok")
        #expect(try client.answers(2).map(\.status) == [100, 200])

        let refused = try RawClient(port: server.port)
        refused.send("POST /secret HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        let refusal = try refused.answers(1)
        #expect(refusal.map(\.status) == [401])
        #expect(refusal.first?.field("Connection") == "close", "whether the body comes, nobody can tell")
        refused.endSending()
        #expect(refused.isClosed())
        #expect(try refused.answers().count == 1)
    }

    @Test func `a body that comes unasked is not asked for`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send(post("/echo", "ok", "Expect: 100-continue\r\n"))
        #expect(try client.answers(1).map(\.status) == [200])
    }

    @Test func `the short body of a refused request is skipped, and the connection kept`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send(post("/secret", get) + get)
        #expect(try client.answers(2).map(\.status) == [401, 200])
        #expect(server.service.servedCount == 1)
    }

    @Test func `the long body of a refused request is not waited for`() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send("POST /secret HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        let answer = try #require(try client.answers(1).first)
        #expect(answer.status == 401)
        #expect(answer.field("Connection") == "close")
    }

    /// Without lingering, the kernel answers the unread bytes with a reset, and the client may lose the answer.
    @Test(arguments: [
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n", 413),
        ("POST /secret HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", 401),
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200),
        ("GET / HTTP/1.1\n\n", 400),
    ])
    func `an answer is not lost on a client that goes on sending`(request: String, status: Int) throws {
        var patient = HTTPLimits()
        patient.lingerTimeout = .seconds(60)
        let server = try RunningServer(limits: patient)
        let client = try RawClient(port: server.port)
        client.send(Array(request.utf8) + [UInt8](repeating: 0x61, count: 500_000))
        #expect(try client.answers(1).map(\.status) == [status])
        client.send([UInt8](repeating: 0x61, count: 100_000))
        client.endSending()
        #expect(client.isClosed())
        #expect(!client.wasReset)
    }
}
