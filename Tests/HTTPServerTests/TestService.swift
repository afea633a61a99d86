// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTPServer
import Sockets
import Synchronization

/// GET and HEAD / give 200, POST /echo gives its body back, another method is 405, all else 404. Further:
/// POST /later echoes from a task, GET /who names the client whom TLS has proven, GET /wait answers with its query when the test opens `gate`, GET /big gives a large body, GET
/// /fields has fields that a service should not send, and /secret is refused before its body is read.
final class TestService: HTTPService {
    let gate = Gate()
    let bigBytes: Int
    private let served = Atomic<Int>(0)
    private let failures = Mutex<[String]>([])
    /// Why handshakes have failed.
    var failedHandshakes: [String] { failures.withLock { $0 } }

    init(bigBytes: Int = 1 << 20) { self.bigBytes = bigBytes }

    /// How many requests have come to be answered.
    var servedCount: Int { served.load(ordering: .relaxed) }

    func admit(_ head: HTTPRequestHead) -> HTTPResponse? {
        switch (head.path, head.method) {
        case ("/", "GET"), ("/", "HEAD"), ("/echo", "POST"), ("/later", "POST"), ("/wait", "GET"), ("/big", "GET"),
            ("/fields", "GET"), ("/who", "GET"):
            nil
        case ("/secret", _): HTTPResponse(status: 401, headers: [("WWW-Authenticate", "Bearer")])
        case ("/", _): HTTPResponse(status: 405, headers: [("Allow", "GET, HEAD")])
        case ("/echo", _): HTTPResponse(status: 405, headers: [("Allow", "POST")])
        default: HTTPResponse(status: 404, text: "no such page\n")
        }
    }

    func noteFailedHandshake(from peer: PeerAddress, reason: String) { failures.withLock { $0.append(reason) } }

    private static let wrongFields = [
        ("X-Split", "a\r\nX-Forged: b"), ("Content-Length", "999"), ("Transfer-Encoding", "chunked"), ("Date", "never"),
        ("connection", "upgrade"), ("X-Kept", "c"),
    ]

    func respond(to request: HTTPRequest) -> HTTPAnswer {
        served.wrappingAdd(1, ordering: .relaxed)
        switch request.head.path {
        case "/echo": return .now(HTTPResponse(status: 200, body: request.body))
        case "/later":
            return .later {
                await Task.yield()
                return HTTPResponse(status: 200, body: request.body)
            }
        case "/wait":
            return .later { [gate] in
                await gate.pass()
                return HTTPResponse(status: 200, text: "waited for \(request.head.query ?? "")\n")
            }
        case "/who":
            let names = request.head.certificate.map { ([$0.subject] + $0.names).joined(separator: " ") }
            return .now(HTTPResponse(status: 200, text: names ?? "nobody"))
        case "/big": return .now(HTTPResponse(status: 200, body: [UInt8](repeating: 0x62, count: bigBytes)))
        case "/fields": return .now(HTTPResponse(status: 200, headers: TestService.wrongFields, body: [0x61]))
        default: return .now(HTTPResponse(status: 200, text: "hello, world\n"))
        }
    }
}

/// Holds tasks until it is opened; counts those that have come.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var arrived = 0
    }

    private let state = Mutex(State())

    var arrived: Int { state.withLock { $0.arrived } }

    func pass() async {
        await withCheckedContinuation { continuation in
            let passes = state.withLock { state in
                state.arrived += 1
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if passes { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// A real server on loopback for the length of one test.
final class RunningServer {
    let server: HTTPServer
    let port: UInt16
    let service: TestService
    private var thread: LoopThread?

    init(
        limits: HTTPLimits = HTTPLimits(),
        loops: Int = 1,
        address: ListenAddress = .tcp(host: "127.0.0.1", port: 0),
        tls: TLSInForce? = nil,
        service: TestService = TestService()
    ) throws {
        self.service = service
        let secure = tls.map { SecureListening(addresses: [address], tls: $0) }
        let server = try HTTPServer(
            addresses: tls == nil ? [address] : [], secure: secure, limits: limits, loops: loops, service: service)
        self.server = server
        port = if case .tcp(_, let port) = (server.addresses + server.secureAddresses)[0] { port } else { 0 }
        thread = try LoopThread(named: "test-server") { try? server.run() }
    }

    /// Waits until `run()` has returned.
    func join() {
        thread?.join()
        thread = nil
    }

    deinit {
        service.gate.open()
        server.drain(deadline: .zero)
        join()
    }
}

/// Waits for what another thread brings about. The bound is for hanging tests only.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<10_000 {
        if condition() { return true }
        usleep(1000)
    }
    return false
}
