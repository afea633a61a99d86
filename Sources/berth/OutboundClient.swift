// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import HubAPI
import Identity
import Sockets
import Synchronization

/// What Berth asks others with; the cluster has one of its own, which believes other authorities.
///
/// It runs on the server's loops, which are there only when the service is that uses it, so it is started once both are;
/// nothing is asked before.
final class OutboundClient: IssuerAsking, WebStreaming {
    private let started = Mutex<HTTPClient?>(nil)

    func start(on loops: [EventLoop], trust: HTTPClientTrust, limits: HTTPClientLimits = HTTPClientLimits()) {
        let client = HTTPClient(loops: loops, trust: trust, limits: limits)
        started.withLock { $0 = client }
    }

    func ask(_ question: IssuerQuestion) async throws(IssuerError) -> IssuerAnswer {
        guard let client = started.withLock({ $0 }) else {
            throw .unreachable(question.endpoint, reason: "Berth is starting")
        }
        return try await HTTPIssuerAsking(client).ask(question)
    }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        guard let client = started.withLock({ $0 }) else { throw .invalidRequest(reason: "Berth is starting") }
        return try await client.send(request)
    }

    func open(
        _ request: HTTPClientRequest, idle: Duration
    ) async throws(HTTPClientError) -> HTTPClientStream {
        guard let client = started.withLock({ $0 }) else { throw .invalidRequest(reason: "Berth is starting") }
        return try await client.open(request, idle: idle)
    }
}
