// SPDX-License-Identifier: Apache-2.0

/// What one client may cost. Meeting a limit has an answer, given behind each.
package struct HTTPLimits: Hashable, Sendable {
    // MARK: Size

    /// The request line and all fields, with their line ends: 414 if the line alone is longer, else 431.
    package var headerBytes = 32 * 1024
    /// 431.
    package var headerCount = 100
    /// The request target: 414. RFC 9112 section 3 recommends at least 8000.
    package var targetBytes = 8000
    /// A body, after chunked coding is undone: 413, where it is announced before any of it is read.
    package var bodyBytes = 4 * 1024 * 1024
    /// All chunk extensions of a body together: 400.
    package var chunkExtensionBytes = 1024
    /// All trailers of a body together, which are read and dropped: 431.
    package var trailerBytes = 8 * 1024
    /// The body of a refused request is read and dropped up to here, to keep the connection; else it is closed.
    package var skippedBytes = 64 * 1024
    /// What a client may still send after an answer that closes; then the connection is cut.
    package var lingerBytes = 1024 * 1024

    // MARK: Time

    /// From a connection's first moment to the end of its TLS handshake: closed.
    package var handshakeTimeout = Duration.seconds(10)
    /// From a request's first byte to the end of its head: 408.
    package var headerTimeout = Duration.seconds(10)
    /// A body without any progress: 408.
    package var bodyTimeout = Duration.seconds(30)
    /// From a request's first byte to the end of its body: 408.
    package var requestTimeout = Duration.seconds(120)
    /// Between two requests, and before the first: closed without a word.
    package var idleTimeout = Duration.seconds(75)
    /// An answer that the client does not take, without any progress: cut.
    package var writeTimeout = Duration.seconds(30)
    /// How long a closing connection waits for the client to have read its last answer.
    package var lingerTimeout = Duration.seconds(2)

    // MARK: Number

    /// Connections of the whole server. More are answered 503 and closed.
    package var connectionsMax = 10_000
    /// Connections that may wait for that 503 at one time. More are not accepted, and wait in the kernel's queue.
    package var connectionsSurplusMax = 64

    package init() {}
}
