// SPDX-License-Identifier: Apache-2.0

/// Where the parts of a request line stand in the head, which starts with it.
struct HTTPRequestLine: Sendable {
    let version: HTTPRequestHead.Version
    let methodEnd: Int
    let target: Range<Int>
    /// Empty for a URL without a path, which means `/`.
    let path: Range<Int>
    let pathIsEncoded: Bool
    let query: Range<Int>?
    /// Where the first field starts.
    let end: Int

    init(parsing head: Span<UInt8>, limits: HTTPLimits) throws(HTTPFault) {
        var cursor = 0
        while head[cursor].isToken { cursor += 1 }
        methodEnd = cursor
        guard methodEnd > 0, head[cursor] == .space else { throw .malformed(.method) }

        let targetStart = cursor + 1
        cursor = targetStart
        var encoded = false
        while head[cursor].isTarget {
            if head[cursor] == .percent {
                guard head.holdsHex(at: cursor + 1), head.holdsHex(at: cursor + 2) else { throw .malformed(.target) }
                encoded = true
            }
            cursor += 1
        }
        target = targetStart..<cursor
        pathIsEncoded = encoded
        try HTTPRequestLine.checkEnd(of: target, in: head, limits: limits)
        version = try HTTPRequestLine.version(at: cursor + 1, in: head)
        end = cursor + 11
        (path, query) = try HTTPRequestLine.parts(of: target, method: 0..<methodEnd, in: head)
    }

    private static func checkEnd(
        of target: Range<Int>,
        in head: Span<UInt8>,
        limits: HTTPLimits
    ) throws(HTTPFault) {
        switch head[target.upperBound] {
        case .space where !target.isEmpty: break
        case .space, .carriageReturn, .tab: throw .malformed(.requestLine)
        default: throw .malformed(.target)
        }
        guard target.count <= limits.targetBytes else { throw .targetTooLong(limitBytes: limits.targetBytes) }
    }

    /// `HTTP/1.` and one digit up to the line's end; a later minor version is spoken to as 1.1 (RFC 9110 section 2.5).
    private static func version(at start: Int, in head: Span<UInt8>) throws(HTTPFault) -> HTTPRequestHead.Version {
        let lineEnd = start + 8
        guard lineEnd < head.count, head[lineEnd] == .carriageReturn, head.starts(with: "HTTP/", at: start),
            head[start + 5].isDigit, head[start + 6] == UInt8(ascii: "."), head[start + 7].isDigit
        else { throw .malformed(.requestLine) }
        guard head[start + 5] == UInt8(ascii: "1") else { throw .versionUnknown }
        return head[start + 7] == UInt8(ascii: "0") ? .http10 : .http11
    }

    // MARK: Target

    /// The four forms of RFC 9112 section 3.2.
    private static func parts(
        of target: Range<Int>,
        method: Range<Int>,
        in head: Span<UInt8>
    ) throws(HTTPFault) -> (path: Range<Int>, query: Range<Int>?) {
        if head[target.lowerBound] == .slash { return split(target, in: head) }
        if method.count == 7, head.starts(with: "CONNECT", at: 0) { throw .tunnelUnknown }
        if target.count == 1, head[target.lowerBound] == UInt8(ascii: "*") {
            guard method.count == 7, head.starts(with: "OPTIONS", at: 0) else { throw .malformed(.target) }
            return (target, nil)
        }
        return split(try afterAuthority(target, in: head), in: head)
    }

    private static func split(
        _ target: Range<Int>,
        in head: Span<UInt8>
    ) -> (path: Range<Int>, query: Range<Int>?) {
        var place = target.lowerBound
        while place < target.upperBound, head[place] != .question { place += 1 }
        let path = target.lowerBound..<place
        return place < target.upperBound ? (path, place + 1..<target.upperBound) : (path, nil)
    }

    /// What follows `http://host:port` in a target of absolute form.
    private static func afterAuthority(_ target: Range<Int>, in head: Span<UInt8>) throws(HTTPFault) -> Range<Int> {
        let schemes: [StaticString] = ["http://", "https://"]
        guard let scheme = schemes.first(where: { head.starts(withLowercased: $0, at: target.lowerBound) }) else {
            throw .malformed(.target)
        }
        let host = target.lowerBound + scheme.utf8CodeUnitCount
        var place = host
        while place < target.upperBound, head[place] != .slash, head[place] != .question { place += 1 }
        guard place > host, HTTPHost.isValid(head, in: host..<place) else { throw .malformed(.target) }
        return place..<target.upperBound
    }
}

extension Span<UInt8> {
    func holdsHex(at place: Int) -> Bool { place < count && self[place].hexValue != nil }

    func starts(with text: StaticString, at start: Int) -> Bool {
        guard start + text.utf8CodeUnitCount <= count else { return false }
        for offset in 0..<text.utf8CodeUnitCount where self[start + offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// `text` must be in small letters.
    func starts(withLowercased text: StaticString, at start: Int) -> Bool {
        guard start + text.utf8CodeUnitCount <= count else { return false }
        for offset in 0..<text.utf8CodeUnitCount
        where self[start + offset].lowercased != text.utf8Start[offset] { return false }
        return true
    }

    /// `text` must be in small letters.
    func equals(lowercased text: StaticString, in range: Range<Int>) -> Bool {
        range.count == text.utf8CodeUnitCount && starts(withLowercased: text, at: range.lowerBound)
    }
}
