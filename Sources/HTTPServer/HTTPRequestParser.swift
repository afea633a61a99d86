// SPDX-License-Identifier: Apache-2.0

/// A connection's bytes to requests, without I/O and however the bytes are cut.
///
/// A head is parsed only when all of it is there; what has come of it waits in `pending`. A head that comes in one
/// piece, as nearly all do, is parsed where it lies.
package struct HTTPRequestParser {
    package enum Event {
        case head(HTTPRequestHead)
        /// The body of the head before, all of it; empty where there is none or it is discarded.
        case body([UInt8])
    }

    /// What the next byte belongs to.
    package enum Stage { case idle, head, body }

    private enum State {
        case head
        case length(Int)
        case chunked(HTTPChunkedDecoder)
    }

    private var limits: HTTPLimits
    private var state = State.head
    private var scanner = HTTPHeadScanner()
    private var pending: [UInt8] = []
    private var body: [UInt8] = []
    private var keepsBody = true

    package init(limits: HTTPLimits) { self.limits = limits }

    package var stage: Stage {
        guard case .head = state else { return .body }
        return pending.isEmpty ? .idle : .head
    }

    /// The next event in `bytes`, from `place` on, which moves past what was taken; nil when more bytes are needed,
    /// and then all are taken. A fault ends the stream: nothing after it has a meaning.
    package mutating func next(_ bytes: Span<UInt8>, from place: inout Int) throws(HTTPFault) -> Event? {
        switch state {
        case .head:
            guard let head = try nextHead(bytes, from: &place) else { return nil }
            begin(head.body)
            return .head(head)
        case .length(let rest): return takeLength(rest, bytes, from: &place)
        case .chunked(var decoder):
            let isWhole = try decoder.decode(bytes, from: &place, into: &body, keeps: keepsBody, limits: limits)
            state = .chunked(decoder)
            return isWhole ? endBody() : nil
        }
    }

    /// Reads the body that is now due without keeping it.
    package mutating func discardBody() { keepsBody = false }

    // MARK: Head

    private mutating func nextHead(
        _ bytes: Span<UInt8>,
        from place: inout Int
    ) throws(HTTPFault) -> HTTPRequestHead? {
        guard place < bytes.count else { return nil }
        guard pending.isEmpty else { return try resumeHead(bytes, from: &place) }
        scanner = HTTPHeadScanner()
        let rest = bytes.extracting(place..<bytes.count)
        guard let range = try scanner.head(in: rest, limits: limits) else {
            pending.append(rest, in: 0..<rest.count)
            place = bytes.count
            return nil
        }
        place += range.upperBound
        return try HTTPRequestHead(parsing: rest.array(in: range), limits: limits)
    }

    /// Takes no more than a head may have, and one byte to see that it has more.
    private mutating func resumeHead(
        _ bytes: Span<UInt8>,
        from place: inout Int
    ) throws(HTTPFault) -> HTTPRequestHead? {
        let before = pending.count
        let end = min(bytes.count, place + limits.headerBytes + 1 - before)
        pending.append(bytes, in: place..<end)
        var scanner = self.scanner
        guard let range = try scanner.head(in: pending.span, limits: limits) else {
            self.scanner = scanner
            place = end
            return nil
        }
        place += range.upperBound - before
        let head = Array(pending[range])
        pending = []
        return try HTTPRequestHead(parsing: head, limits: limits)
    }

    // MARK: Body

    private mutating func begin(_ framing: HTTPRequestHead.Body) {
        keepsBody = true
        switch framing {
        case .none: state = .length(0)
        case .length(let length): state = .length(length)
        case .chunked: state = .chunked(HTTPChunkedDecoder())
        }
    }

    private mutating func takeLength(_ rest: Int, _ bytes: Span<UInt8>, from place: inout Int) -> Event? {
        let end = min(bytes.count, place + rest)
        if keepsBody, end > place { body.append(bytes, in: place..<end) }
        let missing = rest - (end - place)
        place = end
        state = .length(missing)
        return missing == 0 ? endBody() : nil
    }

    private mutating func endBody() -> Event {
        state = .head
        defer { body = [] }
        return .body(body)
    }
}

extension Span<UInt8> {
    func array(in range: Range<Int>) -> [UInt8] {
        withUnsafeBufferPointer { Array($0[range]) }
    }
}
