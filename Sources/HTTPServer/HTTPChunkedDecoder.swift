// SPDX-License-Identifier: Apache-2.0

/// Undoes chunked transfer coding (RFC 9112 section 7.1), however the bytes are cut. Extensions and trailers are read,
/// limited and dropped.
struct HTTPChunkedDecoder {
    private enum State {
        case sizeStart, size, sizeBlank, extensions, sizeEnd
        case data, dataReturn, dataEnd
        case trailerStart, trailerName, trailerValue, trailerEnd
        case end, done
    }

    private var state = State.sizeStart
    private var size = 0
    private var digits = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var bodyBytes = 0

    private static let digitsMax = 15

    /// Takes bytes from `place` on, which moves past them, and appends the content among them to `body`, or drops it
    /// when `body` is nil. True at the end of the body; it takes nothing after that.
    mutating func decode(
        _ bytes: Span<UInt8>,
        from place: inout Int,
        into body: inout [UInt8],
        keeps: Bool,
        limits: HTTPLimits
    ) throws(HTTPFault) -> Bool {
        while place < bytes.count, state != .done {
            if state == .data {
                takeData(bytes, from: &place, into: &body, keeps: keeps)
            } else {
                try step(bytes[place], limits: limits)
                place += 1
            }
        }
        return state == .done
    }

    private mutating func takeData(
        _ bytes: Span<UInt8>,
        from place: inout Int,
        into body: inout [UInt8],
        keeps: Bool
    ) {
        let end = min(bytes.count, place + size)
        if keeps { body.append(bytes, in: place..<end) }
        size -= end - place
        place = end
        if size == 0 { state = .dataReturn }
    }

    private mutating func step(_ byte: UInt8, limits: HTTPLimits) throws(HTTPFault) {
        switch state {
        case .sizeStart, .size, .sizeBlank, .extensions, .sizeEnd: try stepSize(byte, limits: limits)
        case .dataReturn: try expect(.carriageReturn, byte, then: .dataEnd)
        case .dataEnd: try expect(.lineFeed, byte, then: .sizeStart)
        case .trailerStart, .trailerName, .trailerValue, .trailerEnd: try stepTrailer(byte, limits: limits)
        case .end: try expect(.lineFeed, byte, then: .done)
        case .data, .done: preconditionFailure("data is taken in one piece, and nothing after the end")
        }
    }

    private mutating func expect(_ wanted: UInt8, _ byte: UInt8, then next: State) throws(HTTPFault) {
        guard byte == wanted else { throw .malformed(.chunkEnd) }
        state = next
    }

    // MARK: Size line

    private mutating func stepSize(_ byte: UInt8, limits: HTTPLimits) throws(HTTPFault) {
        switch state {
        case .sizeStart, .size: try stepDigit(byte, limits: limits)
        // White space is allowed before a semicolon only.
        case .sizeBlank where byte == .semicolon, .sizeBlank where byte.isBlank: try stepExtension(byte, limits: limits)
        case .extensions where byte == .carriageReturn: state = .sizeEnd
        case .extensions where !byte.isControl: try stepExtension(byte, limits: limits)
        case .sizeEnd where byte == .lineFeed: endSizeLine()
        default: throw .malformed(.chunkSize)
        }
    }

    private mutating func stepDigit(_ byte: UInt8, limits: HTTPLimits) throws(HTTPFault) {
        if let digit = byte.hexValue {
            if state == .sizeStart { (size, digits) = (0, 0) }
            digits += 1
            guard digits <= HTTPChunkedDecoder.digitsMax else { throw .malformed(.chunkSize) }
            size = size << 4 | Int(digit)
            state = .size
            return
        }
        guard state == .size else { throw .malformed(.chunkSize) }
        guard size <= limits.bodyBytes - bodyBytes else { throw .bodyTooLarge(limitBytes: limits.bodyBytes) }
        switch byte {
        case .carriageReturn: state = .sizeEnd
        case .semicolon: try stepExtension(byte, limits: limits)
        case .space, .tab:
            state = .sizeBlank
            try stepExtension(byte, limits: limits)
        default: throw .malformed(.chunkSize)
        }
    }

    private mutating func stepExtension(_ byte: UInt8, limits: HTTPLimits) throws(HTTPFault) {
        if byte == .semicolon { state = .extensions }
        extensionBytes += 1
        guard extensionBytes <= limits.chunkExtensionBytes else { throw .malformed(.chunkExtensions) }
    }

    private mutating func endSizeLine() {
        bodyBytes += size
        state = size == 0 ? .trailerStart : .data
    }

    // MARK: Trailers

    private mutating func stepTrailer(_ byte: UInt8, limits: HTTPLimits) throws(HTTPFault) {
        trailerBytes += 1
        guard trailerBytes <= limits.trailerBytes else { throw .trailersTooLarge }
        switch state {
        case .trailerStart where byte == .carriageReturn: state = .end
        case .trailerStart where byte.isToken: state = .trailerName
        case .trailerName where byte.isToken: break
        case .trailerName where byte == .colon: state = .trailerValue
        case .trailerValue where byte == .carriageReturn: state = .trailerEnd
        case .trailerValue where !byte.isControl: break
        case .trailerEnd where byte == .lineFeed: state = .trailerStart
        default: throw .malformed(.trailer)
        }
    }
}

extension [UInt8] {
    mutating func append(_ bytes: Span<UInt8>, in range: Range<Int>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: UnsafeBufferPointer(rebasing: $0[range])) }
    }
}
