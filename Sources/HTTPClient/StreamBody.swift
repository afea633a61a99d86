// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What has come of a body and is not taken yet. libcurl's side puts in, on its loop; the consumer's takes out, anywhere.
final class StreamBody: Sendable {
    /// Held at most; libcurl's pieces are smaller.
    static let bytesMost = 64 << 10

    struct Piece {
        /// Nil at the end.
        let content: Result<[UInt8]?, HTTPClientError>
        /// The transfer waits for room, which there is now.
        var wasPaused = false
    }

    fileprivate struct State {
        var bytes: [UInt8] = []
        var end: Result<[UInt8]?, HTTPClientError>?
        var isPaused = false
        var waiter: CheckedContinuation<Piece, Never>?
    }

    /// The longest silence of the peer.
    let idle: Duration
    private let state = Mutex(State())

    init(idle: Duration) { self.idle = idle }

    /// False when there is no room: the same piece must come again.
    func put(_ piece: UnsafeRawBufferPointer) -> Bool {
        let (isTaken, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Piece, Never>?) in
            guard state.bytes.isEmpty || state.bytes.count + piece.count <= Self.bytesMost else {
                state.isPaused = true
                return (false, nil)
            }
            if state.waiter == nil { state.bytes += piece }
            defer { state.waiter = nil }
            return (true, state.waiter)
        }
        waiter?.resume(returning: Piece(content: .success(Array(piece))))
        return isTaken
    }

    /// What was put before is still to be taken. Further ends say nothing.
    func end(_ result: Result<HTTPClientResponse, HTTPClientError>) {
        let end = result.map { _ in [UInt8]?.none }
        let waiter = state.withLock { state in
            if state.end == nil { state.end = end }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: Piece(content: end))
    }

    /// Whether the peer waits for us, and not we for it.
    var isPaused: Bool { state.withLock(\.isPaused) }

    func next() async -> Piece {
        await withCheckedContinuation { continuation in
            let piece = state.withLock { state -> Piece? in
                if let piece = state.take() { return piece }
                precondition(state.waiter == nil, "a stream has one consumer")
                state.waiter = continuation
                return nil
            }
            if let piece { continuation.resume(returning: piece) }
        }
    }
}

extension StreamBody.State {
    fileprivate mutating func take() -> StreamBody.Piece? {
        guard !bytes.isEmpty else { return end.map { StreamBody.Piece(content: $0) } }
        defer { (bytes, isPaused) = ([], false) }
        return StreamBody.Piece(content: .success(bytes), wasPaused: isPaused)
    }
}
