// SPDX-License-Identifier: Apache-2.0

/// Whatever sends requests to other services: `HTTPClient`, or what starts one later.
package protocol WebAsking: Sendable {
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse
}

/// And whatever hands out answers piece by piece.
package protocol WebStreaming: WebAsking {
    func open(_ request: HTTPClientRequest, idle: Duration) async throws(HTTPClientError) -> HTTPClientStream
}

extension HTTPClient: WebStreaming {}
