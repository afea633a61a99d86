// SPDX-License-Identifier: Apache-2.0

/// What the fields say about the connection and the body's framing. Strict where leniency lets two readers of one
/// message see two messages (RFC 9112 section 11.2).
struct HTTPFieldFacts {
    private(set) var expectsContinue = false
    private(set) var saysClose = false
    private(set) var saysKeepAlive = false
    private var hostCount = 0
    private var length: Int?
    private var coding: Coding?

    private enum Coding {
        case chunked
        /// Others, chunked last: the body's end is known, but not its content.
        case unknown
        case invalid
    }

    /// Checks each line from `start` on, up to the empty one.
    init(parsing head: Span<UInt8>, from start: Int, limits: HTTPLimits) throws(HTTPFault) {
        var place = start
        var count = 0
        while head[place] != .carriageReturn {
            try HTTPFieldFacts.checkName(at: place, in: head)
            guard let field = HTTPFieldRange(at: &place, in: head) else { break }
            count += 1
            guard count <= limits.headerCount else { throw .headTooLarge }
            try note(field, in: head)
        }
    }

    /// The name's end has to be found before the colon is looked for, since a line may have none.
    private static func checkName(at start: Int, in head: Span<UInt8>) throws(HTTPFault) {
        guard !head[start].isBlank else { throw .malformed(.foldedLine) }
        var place = start
        while head[place].isToken { place += 1 }
        guard place > start, head[place] == .colon else { throw .malformed(.fieldName) }
    }

    /// Names are told apart by length first, so that most fields cost one comparison.
    private mutating func note(_ field: HTTPFieldRange, in head: Span<UInt8>) throws(HTTPFault) {
        switch field.name.count {
        case 4 where head.equals(lowercased: "host", in: field.name):
            try noteHost(field.value, in: head)
        case 6 where head.equals(lowercased: "expect", in: field.name):
            try noteExpectation(field.value, in: head)
        case 10 where head.equals(lowercased: "connection", in: field.name):
            noteConnection(field.value, in: head)
        case 14 where head.equals(lowercased: "content-length", in: field.name):
            try noteLength(field.value, in: head)
        case 17 where head.equals(lowercased: "transfer-encoding", in: field.name):
            noteCoding(field.value, in: head)
        default: break
        }
    }

    private mutating func noteHost(_ value: Range<Int>, in head: Span<UInt8>) throws(HTTPFault) {
        hostCount += 1
        guard hostCount == 1 else { throw .malformed(.hostRepeated) }
        guard HTTPHost.isValid(head, in: value) else { throw .malformed(.hostInvalid) }
    }

    private mutating func noteExpectation(_ value: Range<Int>, in head: Span<UInt8>) throws(HTTPFault) {
        guard head.equals(lowercased: "100-continue", in: value) else { throw .expectationUnknown }
        expectsContinue = true
    }

    private mutating func noteConnection(_ value: Range<Int>, in head: Span<UInt8>) {
        var rest = value
        while let option = HTTPFieldFacts.nextElement(of: &rest, in: head) {
            if head.equals(lowercased: "close", in: option) { saysClose = true }
            if head.equals(lowercased: "keep-alive", in: option) { saysKeepAlive = true }
        }
    }

    /// Digits only, and few enough that no reader's integer overflows.
    private mutating func noteLength(_ value: Range<Int>, in head: Span<UInt8>) throws(HTTPFault) {
        guard length == nil else { throw .malformed(.lengthRepeated) }
        guard (1...18).contains(value.count) else { throw .malformed(.lengthInvalid) }
        var number = 0
        for place in value {
            guard head[place].isDigit else { throw .malformed(.lengthInvalid) }
            number = number * 10 + Int(head[place] - 0x30)
        }
        length = number
    }

    private mutating func noteCoding(_ value: Range<Int>, in head: Span<UInt8>) {
        guard coding == nil else {
            coding = .invalid
            return
        }
        if head.equals(lowercased: "chunked", in: value) {
            coding = .chunked
            return
        }
        var rest = value
        var last: Range<Int>?
        while let element = HTTPFieldFacts.nextElement(of: &rest, in: head) { last = element }
        coding = last.map { head.equals(lowercased: "chunked", in: $0) } == true ? .unknown : .invalid
    }

    /// The next element of a comma-separated list, without white space; nil at its end.
    private static func nextElement(of rest: inout Range<Int>, in head: Span<UInt8>) -> Range<Int>? {
        guard !rest.isEmpty else { return nil }
        var end = rest.lowerBound
        while end < rest.upperBound, head[end] != .comma { end += 1 }
        var (first, last) = (rest.lowerBound, end)
        while first < last, head[first].isBlank { first += 1 }
        while last > first, head[last - 1].isBlank { last -= 1 }
        rest = min(end + 1, rest.upperBound)..<rest.upperBound
        return first..<last
    }

    // MARK: Conclusions

    func body(version: HTTPRequestHead.Version, limits: HTTPLimits) throws(HTTPFault) -> HTTPRequestHead.Body {
        if let coding { return try chunkedBody(coding, version: version) }
        guard let length, length > 0 else { return .none }
        guard length <= limits.bodyBytes else { throw .bodyTooLarge(limitBytes: limits.bodyBytes) }
        return .length(length)
    }

    private func chunkedBody(
        _ coding: Coding,
        version: HTTPRequestHead.Version
    ) throws(HTTPFault) -> HTTPRequestHead.Body {
        guard version == .http11 else { throw .malformed(.codingInOldVersion) }
        guard length == nil else { throw .malformed(.lengthAndCoding) }
        switch coding {
        case .chunked: return .chunked
        case .unknown: throw .codingUnknown
        case .invalid: throw .malformed(.codingInvalid)
        }
    }

    func checkHost(version: HTTPRequestHead.Version) throws(HTTPFault) {
        guard hostCount == 1 || version == .http10 else { throw .malformed(.hostMissing) }
    }
}

/// `uri-host [ ":" port ]` of RFC 9110 section 7.2.
enum HTTPHost {
    /// An empty host is valid: a client sends it when the target's URI has none.
    static func isValid(_ bytes: Span<UInt8>, in range: Range<Int>) -> Bool {
        var place = range.lowerBound
        if place < range.upperBound, bytes[place] == UInt8(ascii: "[") {
            place += 1
            while place < range.upperBound, isAddress6(bytes[place]) { place += 1 }
            guard place < range.upperBound, bytes[place] == UInt8(ascii: "]") else { return false }
            place += 1
        } else {
            while place < range.upperBound, bytes[place].isHostName { place += 1 }
        }
        guard place < range.upperBound else { return true }
        guard bytes[place] == .colon else { return false }
        place += 1
        while place < range.upperBound, bytes[place].isDigit { place += 1 }
        return place == range.upperBound
    }

    private static func isAddress6(_ byte: UInt8) -> Bool {
        byte.hexValue != nil || byte == .colon || byte == UInt8(ascii: ".")
    }
}
