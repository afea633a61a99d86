// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import JSONTree
import Kubernetes
import LabCluster
import RawPeer
import Synchronization
import Testing

/// What a real API server can't be made to do: answers that are cut off, torn, endless, or say to come back later.
struct FaultTests {
    private let pod = ObjectName(.pod, in: "hub", "x")

    private func cluster(_ server: RawServer, timeout: Duration = .seconds(20), retries: Bool = false) throws -> Cluster
    {
        var limits = ClusterLimits()
        limits.timeout = timeout
        limits.objectBytes = 100_000
        var client = HTTPClientLimits()
        if !retries { client.retries.attemptsMax = 1 }
        client.breaker.failuresMax = .max
        let access = try ClusterAccess(server: server.url, trust: HTTPClientTrust(), token: "secret-token")
        return Cluster(access, asking: HTTPClient(loops: Loops.shared, limits: client), limits: limits)
    }

    private func answer(_ status: String, _ body: String, _ more: String = "") -> String {
        "HTTP/1.1 \(status)\r\n\(more)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func status(_ code: Int, _ reason: String) -> String {
        #"{"kind":"Status","status":"Failure","message":"m.","reason":"\#(reason)","code":\#(code)}"#
    }

    /// Answers requests in turn; the last one stands for all that follow.
    private func server(_ answers: [String]) throws -> RawServer {
        let turn = Turn()
        return try RawServer { connection in
            while connection.readHead() { connection.send(answers[min(turn.next(), answers.count - 1)]) }
        }
    }

    // MARK: Statuses

    @Test func `a server that is too busy is asked again when it says`() async throws {
        let busy = answer("429 Too Many Requests", status(429, "TooManyRequests"), "Retry-After: 1\r\n")
        let server = try server([busy, answer("201 Created", "{\"metadata\":{}}")])
        let began = ContinuousClock.now
        _ = try await cluster(server).create(configMap("one", in: "hub"))
        #expect(.now - began >= .seconds(1) && server.heads.count == 2)
    }

    @Test func `it is not waited for beyond the deadline`() async throws {
        let server = try server([answer("429 Too Many Requests", status(429, "x"), "Retry-After: 30\r\n")])
        let error = try await cluster(server).failure { _ = try await $0.get(pod) }
        #expect(error?.retryAfter == .seconds(30) && server.heads.count == 1)
        guard case .throttled = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a failure that says when to come back is asked again, another is not`() async throws {
        let later = answer("500 Internal Server Error", status(500, "ServerTimeout"), "Retry-After: 1\r\n")
        let waiting = try server([later, answer("200 OK", "{}")])
        _ = try await cluster(waiting).create(configMap("one", in: "hub"))
        let failing = try server([answer("500 Internal Server Error", status(500, "InternalError"))])
        let error = try await cluster(failing).failure { _ = try await $0.create(configMap("one", in: "hub")) }
        guard case .serverFailed(_, 500, "m", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(failing.heads.count == 1)
    }

    @Test(arguments: ["<html>log in</html>", "", "{\"kind\":", "null", "{\"a\":1,\"a\":2}"])
    func `a success that is not the API's is no success`(body: String) async throws {
        let server = try server([answer("200 OK", body)])
        let error = try await cluster(server).failure { _ = try await $0.listAll(.pod, in: "hub") }
        guard case .unreadable = error else {
            Issue.record("\(body): \(String(describing: error))")
            return
        }
    }

    @Test func `an answer that is cut off or too large is an error`() async throws {
        let cut = try RawServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"metadata\":")
        guard case .noAnswer(_, .cutOff) = try await cluster(cut).failure(of: { _ = try await $0.get(pod) }) else {
            Issue.record("not cut off")
            return
        }
        let large = try server([answer("200 OK", "{\"a\":\"" + String(repeating: "x", count: 100_000) + "\"}")])
        guard case .noAnswer(_, .bodyTooLarge) = try await cluster(large).failure(of: { _ = try await $0.get(pod) })
        else {
            Issue.record("not too large")
            return
        }
    }

    @Test func `no error shows the token`() async throws {
        for text in [answer("401 Unauthorized", ""), answer("403 Forbidden", status(403, "Forbidden")), "nonsense"] {
            let error = try await cluster(try server([text])).failure { _ = try await $0.get(pod) }
            #expect(
                error != nil && !"\(String(describing: error))\(error.map { "\($0)" } ?? "")".contains("secret-token"))
        }
    }

    // MARK: Watches

    private func list(_ version: Int, _ names: String...) -> String {
        let items = names.map { "{\"metadata\":{\"name\":\"\($0)\",\"resourceVersion\":\"\(version)\"}}" }
        return answer(
            "200 OK",
            "{\"kind\":\"ConfigMapList\",\"metadata\":{\"resourceVersion\":\"\(version)\"},"
                + "\"items\":[\(items.joined(separator: ","))]}")
    }

    private func event(_ type: String, _ version: Int, _ name: String = "x") -> String {
        #"{"type":"\#(type)","object":{"metadata":{"name":"\#(name)","resourceVersion":"\#(version)"}}}"# + "\n"
    }

    private func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

    private static let watchHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    /// What the requests asked of the watch, by its `resourceVersion`; `list` for lists.
    private func asked(_ server: RawServer) -> [String] {
        server.heads.map { head in
            guard head.contains("watch=1") else { return "list" }
            let query = head.split(separator: " ")[1].split(separator: "&")
            return String(query.first { $0.hasPrefix("resourceVersion=") }?.dropFirst(16) ?? "")
        }
    }

    /// A watch of a server that gives a list, then `broken` for one connection, and then what is good.
    private func watch(_ broken: @escaping @Sendable (RawConnection) -> Void) async throws -> (Watching, RawServer) {
        let watches = Turn()
        let server = try RawServer { connection in
            while connection.readHead() {
                guard connection.lastHead.contains("watch=1") else {
                    connection.send(list(watches.value == 0 ? 10 : 50, "a"))
                    continue
                }
                guard watches.next() > 0 else { return broken(connection) }
                connection.send(Self.watchHead + chunk(event("ADDED", 60, "good")))
                connection.awaitEnd()
            }
        }
        let watching = Watching(try cluster(server), .maps(in: "hub") { $0.silence = .milliseconds(300) })
        #expect(await eventually { watching.names.contains("good") })
        return (watching, server)
    }

    @Test func `a connection that breaks is followed from the last version`() async throws {
        let (watching, server) = try await watch { connection in
            connection.send(Self.watchHead + chunk(event("ADDED", 11, "b") + event("BOOKMARK", 20)))
            connection.reset()
        }
        #expect(asked(server).prefix(3) == ["list", "10", "20"])
        #expect(watching.names == ["a", "b", "good"] && watching.lists == 1)
    }

    @Test func `an event may come in any pieces`() async throws {
        let (watching, server) = try await watch { connection in
            let events = event("ADDED", 11, "b") + "\n" + event("DELETED", 12, "a") + event("ADDED", 13, "ü")
            connection.send(Self.watchHead)
            for byte in events.utf8 { connection.send(Array("1\r\n".utf8) + [byte] + Array("\r\n".utf8)) }
            connection.send("0\r\n\r\n")
        }
        #expect(watching.words == ["set b", "gone a", "set ü", "set good"])
        #expect(asked(server).prefix(3) == ["list", "10", "13"])
    }

    @Test func `one that ends in the middle of an event tells nothing of it`() async throws {
        let (watching, _) = try await watch { connection in
            connection.send(Self.watchHead + chunk(event("DELETED", 11, "a").dropLast(5).description) + "0\r\n\r\n")
        }
        #expect(watching.names.contains("a") && watching.words == ["set good"])
    }

    @Test func `one that falls silent is left`() async throws {
        let (watching, server) = try await watch { connection in
            connection.send(Self.watchHead)
            connection.awaitEnd()
        }
        #expect(asked(server).prefix(3) == ["list", "10", "10"])
        guard case .noAnswer(_, .timedOut(_, during: .streaming))? = watching.failures.first else {
            Issue.record("\(watching.failures)")
            return
        }
    }

    @Test(arguments: [
        #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}"#, "not JSON",
        #"{"type":"ADDED"}"#, #"{"type":"ADDED","object":{"metadata":{"name":"x"}}}"#,
        #"{"type":"SUNK","object":{"metadata":{"name":"x","resourceVersion":"3"}}}"#,
        String(repeating: "x", count: 100_001),
    ])
    func `after what can't be gone on from, all is read anew`(line: String) async throws {
        let (watching, server) = try await watch { connection in
            connection.send(Self.watchHead + chunk(event("ADDED", 11, "b") + line + "\n"))
            connection.awaitEnd()
        }
        #expect(asked(server).prefix(4) == ["list", "10", "list", "50"])
        // What the second list does not have is gone.
        #expect(watching.names == ["a", "good"] && watching.lists == 2)
    }

    @Test func `a version that is refused at the door is read anew, too`() async throws {
        let (watching, server) = try await watch { connection in
            connection.send(answer("410 Gone", status(410, "Expired")))
        }
        #expect(asked(server).prefix(4) == ["list", "10", "list", "50"])
        #expect(watching.failures.isEmpty)
    }

    @Test func `a watch that is too busy is asked again when it says`() async throws {
        let (watching, server) = try await watch { connection in
            connection.send(answer("429 Too Many Requests", status(429, "x"), "Retry-After: 1\r\n"))
        }
        #expect(asked(server).prefix(3) == ["list", "10", "10"])
        #expect(watching.failures.first?.retryAfter == .seconds(1))
    }

    @Test func `a server that hangs up at once is not asked in a circle`() async throws {
        let server = try RawServer { connection in
            while connection.readHead() {
                let isWatch = connection.lastHead.contains("watch=1")
                connection.send(isWatch ? Self.watchHead + "0\r\n\r\n" : list(10))
            }
        }
        let watching = Watching(try cluster(server), .maps(in: "hub") { $0.firstPause = .milliseconds(200) })
        #expect(await eventually { server.heads.count > 3 })
        let before = server.heads.count
        try await Task.sleep(for: .milliseconds(500))
        #expect(server.heads.count - before < 10 && watching.isComplete)
    }
}

/// Counts what comes, on any thread.
private final class Turn: Sendable {
    private let count = Atomic<Int>(0)

    /// From 0.
    func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
    var value: Int { count.load(ordering: .relaxed) }
}
