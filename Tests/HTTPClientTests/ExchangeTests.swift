// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTPClient
import RawPeer
import Sockets
import Testing

/// Answers of a server that does everything right.
@Suite struct ExchangeTests {
    @Test func `an answer comes whole, with status, fields and body`() async throws {
        let server = try GoodServer()
        let client = try Client()
        let answer = try await client.get(server.url + "/")
        #expect(answer.status == 200)
        #expect(answer.text == "hello\n")
        #expect(answer["content-TYPE"] == "text/plain; charset=utf-8")
        #expect(answer.origin.description == server.url)
        #expect(await eventually { client.isAtRest })
    }

    @Test(arguments: [HTTPClientRequest.Method.get, .put, .delete, .post, .patch, .options])
    func `a body is sent with any method, and no field that nobody asked for`(method: HTTPClientRequest.Method)
        async throws
    {
        let server = try GoodServer()
        let client = try Client()
        let request = HTTPClientRequest(
            method, server.url + "/echo?q=1", headers: [("X-One", "1"), ("X-Empty", "")], body: Array("body".utf8))
        let answer = try await client.send(request)
        #expect(
            answer.text == """
                \(method.rawValue) /echo?q=1
                Host: 127.0.0.1:\(server.port)
                User-Agent: berth
                X-One: 1
                X-Empty: 
                Content-Length: 4

                body
                """)
    }

    @Test(arguments: [HTTPClientRequest.Method.post, .put, .patch])
    func `a method that has a body says so when it is empty`(method: HTTPClientRequest.Method) async throws {
        let server = try GoodServer()
        let client = try Client()
        let answer = try await client.send(.init(method, server.url + "/echo"))
        #expect(answer.text.contains("\nContent-Length: 0\n"))
    }

    @Test func `a large body goes and comes unchanged`() async throws {
        let server = try GoodServer()
        let client = try Client()
        let body = (0..<2_000_000).map { UInt8(ascii: "a") + UInt8(truncatingIfNeeded: $0 % 26) }
        let answer = try await client.send(.init(.put, server.url + "/echo", body: body))
        #expect(answer.body.suffix(body.count).elementsEqual(body))
        #expect(!answer.text.prefix(300).contains("Expect"))
    }

    @Test func `HEAD has no body to wait for`() async throws {
        let server = try GoodServer()
        let client = try Client()
        let answer = try await client.send(.init(.head, server.url + "/"))
        #expect(answer.status == 200)
        #expect(answer["Content-Length"] == "6")
        #expect(answer.body.isEmpty)
    }

    @Test(arguments: [204, 304, 400, 401, 404, 429, 500, 503])
    func `a status is an answer, not an error`(status: Int) async throws {
        let server = try GoodServer()
        let client = try Client()
        #expect(try await client.get(server.url + "/status/\(status)").status == status)
    }

    @Test func `the last answer counts, interim ones and trailers do not`() async throws {
        let server = try RawServer(
            answer: "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\na:  2 \r\n"
                + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTrailer: t\r\n\r\n")
        let answer = try await Client().get(server.url)
        #expect(answer.status == 200)
        #expect(answer.headers.map(\.name) == ["A", "a", "Transfer-Encoding"])
        #expect(answer["A"] == "1, 2")
        #expect(answer.text == "abc")
    }

    @Test func `content coding is neither asked for nor undone, so that a small answer stays small`() async throws {
        let server = try RawServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\u{1f}x\u{8}")
        let answer = try await Client().get(server.url)
        #expect(answer.body == [0x1f, 0x78, 0x08])
        #expect(server.heads.first?.lowercased().contains("accept-encoding") == false)
    }

    @Test(arguments: [
        "", "idp.example.org", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://", "http:///x",
        "http:/x",
        "http://user:secret@127.0.0.1/", "http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y", "http://b\u{fc}cher.example/", "javascript:alert(1)", "http://[::1/",
    ])
    func `a URL that is none of ours is refused before anything is sent`(url: String) async throws {
        let error = await (try Client()).failure(of: .init(.get, url))
        guard case .invalidRequest = error else {
            Issue.record("\(url): \(String(describing: error))")
            return
        }
        #expect(error?.description.contains("secret") == false)
    }

    @Test(arguments: [
        ("X-Bad", "a\r\nX-Forged: b"), ("X Bad", "a"), ("", "a"), ("X:Bad", "a"), ("X-Nul", "a\0b"), ("Host", "other"),
        ("content-length", "5"), ("Transfer-Encoding", "chunked"), ("X-Bad\r\n", "a"),
    ])
    func `a header that would be something else on the wire is refused`(name: String, value: String) async throws {
        let server = try GoodServer()
        let error = await (try Client()).failure(of: .init(.get, server.url, headers: [(name, value)]))
        guard case .invalidRequest = error else {
            Issue.record("\(name): \(String(describing: error))")
            return
        }
        #expect(server.service.requestCount == 0)
    }

    @Test func `neither a request nor an answer shows what is secret when it is printed`() async throws {
        let server = try GoodServer()
        let request = HTTPClientRequest(
            .post, server.url + "/echo?token=secret", headers: [("Authorization", "Bearer secret")],
            body: Array("secret".utf8))
        let answer = try await (try Client()).send(request)
        #expect(answer.text.contains("secret"))
        #expect("\(request)" == "POST \(server.url)")
        #expect("\(answer)" == "200 from \(server.url), \(answer.body.count) bytes")
    }

    /// In a process of its own, since the environment belongs to all of one.
    @Test func `the environment's proxy is not used`() async {
        await #expect(processExitsWith: .success) {
            setenv("http_proxy", "http://127.0.0.1:1", 1)
            setenv("ALL_PROXY", "http://127.0.0.1:1", 1)
            let server = try GoodServer()
            #expect(try await Client().get(server.url).status == 200)
        }
    }
}
