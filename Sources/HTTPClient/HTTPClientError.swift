// SPDX-License-Identifier: Apache-2.0

/// Why there is no answer. The peer is named by its origin; URLs and headers may hold secrets and are never in it.
package enum HTTPClientError: Error, Hashable, Sendable {
    /// What a request was doing when its time was over.
    package enum Phase: Hashable, Sendable {
        case waiting, connecting, answering
        /// Between two pieces of a stream.
        case streaming
    }

    /// The request cannot be sent by anybody; nothing was.
    case invalidRequest(reason: String)
    case hostUnknown(Origin)
    /// No connection; `reason` is the system's.
    case unreachable(Origin, reason: String)
    case timedOut(Origin, during: Phase)
    /// The peer's certificate does not prove that it is who we asked for; `reason` is OpenSSL's.
    case untrusted(Origin, reason: String)
    case tlsFailed(Origin, reason: String)
    /// Our own CA file or client certificate cannot be used.
    case trustUnusable(Origin, reason: String)
    /// The connection ended before the answer did.
    case cutOff(Origin, reason: String)
    /// What came is not HTTP.
    case malformed(Origin, reason: String)
    case headersTooLarge(Origin, limit: Int)
    case bodyTooLarge(Origin, limit: Int)
    /// It redirects to where we do not go; `reason` is ours.
    case redirectRefused(Origin, reason: String)
    case tooManyRedirects(Origin, limit: Int)
    /// It has failed so often that it is left alone for this long.
    case circuitOpen(Origin, retryAfter: Duration)
    /// As many requests as may wait for this peer, or for any, are waiting.
    case overloaded(Origin, waiting: Int)
    case cancelled(Origin)
    /// The client is shut down, or its loop has stopped.
    case closed(Origin)
    case other(Origin, code: Int, reason: String)
}

extension HTTPClientError {
    /// When asking again may help; nil when nobody knows.
    package var retryAfter: Duration? {
        switch self {
        case .circuitOpen(_, let span): span
        case .invalidRequest, .hostUnknown, .unreachable, .timedOut, .untrusted, .tlsFailed, .trustUnusable, .cutOff,
            .malformed, .headersTooLarge, .bodyTooLarge, .redirectRefused, .tooManyRedirects, .overloaded, .cancelled,
            .closed, .other:
            nil
        }
    }

    /// The next attempt may find it gone.
    var mayPass: Bool {
        switch self {
        case .hostUnknown, .unreachable, .timedOut, .tlsFailed, .cutOff: true
        case .invalidRequest, .untrusted, .trustUnusable, .malformed, .headersTooLarge, .bodyTooLarge, .redirectRefused,
            .tooManyRedirects, .circuitOpen, .overloaded, .cancelled, .closed, .other:
            false
        }
    }

    /// What it says of the peer.
    var outcome: CircuitBreaker.Outcome {
        switch self {
        case .timedOut(_, during: .waiting): .unknown
        case .hostUnknown, .unreachable, .timedOut, .untrusted, .tlsFailed, .cutOff, .malformed: .failure
        case .headersTooLarge, .bodyTooLarge, .redirectRefused, .tooManyRedirects: .success
        case .invalidRequest, .trustUnusable, .circuitOpen, .overloaded, .cancelled, .closed, .other: .unknown
        }
    }
}
