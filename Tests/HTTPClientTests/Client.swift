// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTPClient
import Sockets

/// A client and its loops for the length of one test.
final class Client: Sendable {
    let loops: [EventLoop]
    let http: HTTPClient
    private let threads: [LoopThread]

    init(
        loops count: Int = 1,
        trust: HTTPClientTrust = HTTPClientTrust(),
        limits: HTTPClientLimits = .forTests
    ) throws {
        let loops = try (0..<count).map { _ in try EventLoop() }
        self.loops = loops
        http = HTTPClient(loops: loops, trust: trust, limits: limits)
        threads = try loops.map { loop in try LoopThread(named: "test-client") { loop.run() } }
    }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        try await http.send(request)
    }

    func get(_ url: String) async throws(HTTPClientError) -> HTTPClientResponse { try await send(.init(.get, url)) }

    /// The error of a request that must have one.
    func failure(of request: HTTPClientRequest) async -> HTTPClientError? {
        do throws(HTTPClientError) {
            _ = try await send(request)
            return nil
        } catch {
            return error
        }
    }

    /// Nothing runs, waits or pauses any more.
    var isAtRest: Bool { http.requestsAtHand == 0 && http.transfersRunning == 0 && http.requestsWaiting == 0 }

    deinit {
        for loop in loops { loop.execute { loop.stop() } }
        for thread in threads { thread.join() }
    }
}

extension HTTPClientLimits {
    /// No retries, so that a test that is about them says so; and times that are over soon.
    static var forTests: HTTPClientLimits {
        var limits = HTTPClientLimits()
        limits.retries.attemptsMax = 1
        limits.retries.firstPause = .milliseconds(5)
        return limits
    }

    static func with(_ change: (inout HTTPClientLimits) -> Void) -> HTTPClientLimits {
        var limits = HTTPClientLimits.forTests
        change(&limits)
        return limits
    }
}

extension HTTPClientRequest {
    static func with(
        _ method: Method = .get,
        _ url: String,
        _ change: (inout HTTPClientRequest) -> Void
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(method, url)
        change(&request)
        return request
    }
}

extension HTTPClientResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// Waits for what another thread brings about. The bound is for hanging tests only.
func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<10_000 {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(1))
    }
    return false
}
