// SPDX-License-Identifier: Apache-2.0

/// What the peers of a client may cost. The numbers are per event loop, which has its own pool.
package struct HTTPClientLimits: Hashable, Sendable {
    // MARK: Time

    /// Look-up of the name, connection and TLS handshake together: `timedOut`.
    package var connectTimeout = Duration.seconds(5)
    /// The whole of a request, with all waiting and repeating: `timedOut`.
    package var requestTimeout = Duration.seconds(30)
    /// Unused connections are not used again after it.
    package var idleTimeout = Duration.seconds(60)

    // MARK: Number

    /// Open connections, in use or idle; as many requests run at once.
    package var connectionsMax = 128
    package var connectionsPerOriginMax = 32
    /// Requests that wait for a connection; the next one is `overloaded`.
    package var waitersMax = 1024
    /// So many of them for one origin, so that a slow peer does not take the others' places.
    package var waitersPerOriginMax = 512

    // MARK: Size of an answer

    /// Status line, fields and trailers, of interim answers too: `headersTooLarge`.
    package var headerBytes = 64 * 1024
    /// `bodyTooLarge`, before it is read where the length is announced.
    package var bodyBytes = 4 * 1024 * 1024

    // MARK: Trouble

    package var retries = RetrySchedule()
    package var breaker = CircuitBreaker.Settings()

    package init() {}
}
