// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import RawPeer
import Testing

@Suite struct RedirectTests {
    private let secrets = [
        ("Authorization", "Bearer secret"), ("X-Api-Key", "secret"), ("Cookie", "session=secret"), ("Accept", "a/b"),
    ]

    private func redirecting(from server: GoodServer, to location: String, most: Int = 5) -> HTTPClientRequest {
        .with(.get, server.url + "/redirect?" + location) {
            $0.redirectsMax = most
            $0.headers = secrets
        }
    }

    @Test func `a redirect is an answer unless the caller wants it followed`() async throws {
        let server = try GoodServer()
        let answer = try await Client().get(server.url + "/redirect?/echo")
        #expect(answer.status == 302)
        #expect(answer["Location"] == "/echo")
        #expect(server.service.requestCount == 1)
    }

    @Test(arguments: [
        "/echo", "echo", "//127.0.0.1:PORT/echo", "http://127.0.0.1:PORT/echo", "HTTP://127.0.0.1:PORT/echo",
    ])
    func `within an origin it is followed with all headers, however it is written`(location: String) async throws {
        let server = try GoodServer()
        let location = location.replacing("PORT", with: "\(server.port)")
        let answer = try await (try Client()).send(redirecting(from: server, to: location))
        #expect(answer.text.hasPrefix("GET /echo\n"))
        #expect(answer.text.contains("Authorization: Bearer secret\n"))
    }

    @Test func `to another origin go no credentials, and nothing that might be one`() async throws {
        let (server, other) = (try GoodServer(), try GoodServer())
        let answer = try await (try Client()).send(redirecting(from: server, to: other.url + "/echo"))
        #expect(answer.origin.description == other.url)
        #expect(!answer.text.contains("secret"))
        #expect(answer.text.contains("Accept: a/b\n"))
        #expect(server.service.firstField("Authorization") == "Bearer secret")
    }

    @Test func `credentials do not come back with a redirect that returns`() async throws {
        let (server, other) = (try GoodServer(), try GoodServer())
        let back = "\(other.url)/redirect?\(server.url)/echo"
        let answer = try await (try Client()).send(redirecting(from: server, to: back))
        #expect(answer.origin.description == server.url)
        #expect(!answer.text.contains("secret"))
    }

    @Test func `another port of the host is another origin`() async throws {
        let other = try GoodServer()
        let server = try RawServer(answer: "HTTP/1.1 307 x\r\nLocation: \(other.url)/echo\r\nContent-Length: 0\r\n\r\n")
        let request = HTTPClientRequest.with(.get, server.url) {
            $0.redirectsMax = 1
            $0.headers = secrets
        }
        #expect(!(try await (try Client()).send(request)).text.contains("secret"))
    }

    @Test(arguments: [1, 5])
    func `a loop ends after as many as were allowed`(most: Int) async throws {
        let server = try GoodServer()
        let request = HTTPClientRequest.with(.get, server.url + "/loop") { $0.redirectsMax = most }
        let error = await (try Client()).failure(of: request)
        let peer = Origin(scheme: .http, host: "127.0.0.1", port: server.port)
        #expect(error == .tooManyRedirects(peer, limit: most))
        #expect(server.service.requestCount == most + 1)
    }

    @Test(arguments: [
        "ftp://127.0.0.1/x", "file:///etc/passwd", "http://user:secret@127.0.0.1/", "http:///x", "javascript:x",
        "http://[::1/", "http://127.0.0.1:99999/",
    ])
    func `what leads nowhere for us is refused`(location: String) async throws {
        let answer = "HTTP/1.1 302 Found\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n"
        let server = try RawServer(answer: answer)
        let request = HTTPClientRequest.with(.get, server.url + "/") { $0.redirectsMax = 3 }
        let error = await (try Client()).failure(of: request)
        guard case .redirectRefused = error else {
            Issue.record("\(location): \(String(describing: error))")
            return
        }
        #expect(error?.description.contains("secret") == false)
    }

    @Test func `a body is not sent elsewhere: another method's redirect is its answer`() async throws {
        let server = try GoodServer()
        for method in [HTTPClientRequest.Method.post, .put, .patch, .delete] {
            let request = HTTPClientRequest.with(method, server.url + "/redirect?/echo") { $0.redirectsMax = 3 }
            #expect(try await (try Client()).send(request).status == 302)
        }
    }
}
