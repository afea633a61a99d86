// SPDX-License-Identifier: Apache-2.0

/// An answer whose body comes piece by piece, for one consumer.
///
/// No more than a few pieces are held: where the consumer is slow, the peer has to wait. Letting go of the stream ends
/// the transfer.
package final class HTTPClientStream: Sendable {
    /// With an empty body.
    package let head: HTTPClientResponse
    private let call: Call
    private let body: StreamBody

    init(head: HTTPClientResponse, call: Call, body: StreamBody) {
        self.head = head
        self.call = call
        self.body = body
    }

    deinit { call.giveUp() }

    /// What has come since, at least one byte and `StreamBody.bytesMost` at most; nil at the end of the answer.
    ///
    /// Cancelling the task ends the transfer, and so does every error: there is nothing behind it.
    package func next() async throws(HTTPClientError) -> [UInt8]? {
        let call = self.call
        let piece = await withTaskCancellationHandler {
            await body.next()
        } onCancel: {
            call.giveUp()
        }
        if piece.wasPaused { call.goOn() }
        return try piece.content.get()
    }
}

extension HTTPClient {
    /// The answer as soon as its head is there, of whatever status; one attempt, and redirects are not followed.
    ///
    /// - Parameter idle: the longest silence before the head and between two pieces: `timedOut`. The request's `timeout` still bounds the
    ///   whole of it.
    package func open(
        _ request: HTTPClientRequest, idle: Duration
    ) async throws(HTTPClientError) -> HTTPClientStream {
        let exchange = try Exchange(request, limits: limits, at: .now)
        let body = StreamBody(idle: idle)
        let pass = try breakers.admit(exchange.origin, at: .now)
        let (call, result) = await loopForCaller.perform(exchange, into: body)
        breakers.tell(result.outcome, of: pass, from: exchange.origin)
        return HTTPClientStream(head: try result.get(), call: call, body: body)
    }
}
