// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Sockets
import Synchronization

/// Our own server: GET / says hello, /echo gives back method, path, fields and body, /wait answers when the gate is
/// opened, /status/N answers with that status, /redirect?URL sends on, /flaky answers 503 so often as it was told.
final class GoodServer: Sendable {
    private let server: HTTPServer
    let port: UInt16
    let service: GoodService
    private let thread: LoopThread

    init(service: GoodService = GoodService()) throws {
        self.service = service
        let server = try HTTPServer(addresses: [.tcp(host: "127.0.0.1", port: 0)], loops: 1, service: service)
        self.server = server
        port = if case .tcp(_, let port) = server.addresses[0] { port } else { 0 }
        thread = try LoopThread(named: "test-server") { try? server.run() }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var connectionsOpen: Int { server.connectionsOpen }

    deinit {
        service.openGate()
        server.drain(deadline: .zero)
        thread.join()
    }
}

final class GoodService: HTTPService {
    private struct State {
        var gateIsOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var peers: Set<String> = []
        var requests: [HTTPRequest] = []
        var failuresLeft = 0
        var failureFields: [(name: String, value: String)] = []
    }

    private let state = Mutex(State())

    /// The connections that requests came by, in all.
    var connectionCount: Int { state.withLock { $0.peers.count } }
    var requestCount: Int { state.withLock { $0.requests.count } }

    /// The field of the first request.
    func firstField(_ name: String) -> String? { state.withLock { $0.requests.first?.head.headers[name] } }
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func failNext(_ count: Int, fields: [(name: String, value: String)] = []) {
        state.withLock { ($0.failuresLeft, $0.failureFields) = (count, fields) }
    }

    func openGate() {
        let waiting = state.withLock { state in
            state.gateIsOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func respond(to request: HTTPRequest) -> HTTPAnswer {
        state.withLock {
            $0.peers.insert(request.peer.description)
            $0.requests.append(request)
        }
        switch request.head.path {
        case "/": return .now(HTTPResponse(status: 200, text: "hello\n"))
        case "/echo": return .now(echo(request))
        case "/flaky": return .now(flaky())
        case "/redirect":
            return .now(HTTPResponse(status: 302, headers: [("Location", request.head.query ?? "")]))
        case "/loop": return .now(HTTPResponse(status: 302, headers: [("Location", "/loop")]))
        case "/wait":
            return .later {
                await self.pass()
                return HTTPResponse(status: 200, text: "waited\n")
            }
        case let path where path.hasPrefix("/status/"):
            return .now(HTTPResponse(status: Int(path.dropFirst(8)) ?? 500, text: "as you wish\n"))
        case let path where path.hasPrefix("/bytes/"):
            return .now(HTTPResponse(status: 200, body: [UInt8](repeating: 0x62, count: Int(path.dropFirst(7)) ?? 0)))
        default: return .now(HTTPResponse(status: 404))
        }
    }

    private func echo(_ request: HTTPRequest) -> HTTPResponse {
        let fields = request.head.headers.all.map { "\($0.name): \($0.value)\n" }.joined()
        let text = "\(request.head.method) \(request.head.target)\n\(fields)\n"
        return HTTPResponse(status: 200, text: text + String(decoding: request.body, as: UTF8.self))
    }

    private func flaky() -> HTTPResponse {
        state.withLock { state in
            guard state.failuresLeft > 0 else { return HTTPResponse(status: 200, text: "well again\n") }
            state.failuresLeft -= 1
            return HTTPResponse(status: 503, headers: state.failureFields)
        }
    }

    private func pass() async {
        await withCheckedContinuation { continuation in
            let passes = state.withLock { state in
                if !state.gateIsOpen { state.waiting.append(continuation) }
                return state.gateIsOpen
            }
            if passes { continuation.resume() }
        }
    }
}
