// SPDX-License-Identifier: Apache-2.0
package import Sockets

/// How a request is answered.
package enum HTTPAnswer: Sendable {
    case now(HTTPResponse)
    /// Runs as a task on the connection's loop, and must not block it. It has no time limit here. When the client
    /// hangs up it is not cancelled, since what it does may have taken effect; its answer is then dropped.
    case later(@Sendable () async -> HTTPResponse)
}

/// What an `HTTPServer` serves. Called on the loops' threads, several at once; none of these may block.
package protocol HTTPService: Sendable {
    /// Called before the body is read: a response refuses the request, nil goes on. `100 Continue` comes after it.
    func admit(_ head: HTTPRequestHead) -> HTTPResponse?
    func respond(to request: HTTPRequest) -> HTTPAnswer
    /// The words for a fault of the protocol. The connection is closed after them.
    func refusal(of fault: HTTPFault) -> HTTPResponse
    /// A connection that never came to speak HTTP; `reason` is of few values.
    func noteFailedHandshake(from peer: PeerAddress, reason: String)
}

extension HTTPService {
    package func noteFailedHandshake(from peer: PeerAddress, reason: String) {}

    package func admit(_ head: HTTPRequestHead) -> HTTPResponse? { nil }

    package func refusal(of fault: HTTPFault) -> HTTPResponse {
        var response = HTTPResponse(status: fault.status, text: fault.description + "\n")
        if fault == .tooManyConnections { response.headers.append(("Retry-After", "1")) }
        return response
    }
}
