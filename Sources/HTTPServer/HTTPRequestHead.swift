// SPDX-License-Identifier: Apache-2.0
package import Sockets

/// A request's head, checked: its line, its fields and how its body is framed.
///
/// It holds the head's own bytes once and marks in them; Strings are made when asked for.
package struct HTTPRequestHead: Sendable {
    package enum Version: Sendable { case http10, http11 }

    /// How the body's end is found (RFC 9112 section 6.3).
    package enum Body: Sendable, Equatable {
        case none
        case length(Int)
        case chunked
    }

    package let version: Version
    package let body: Body
    /// The client waits for `100 Continue` before it sends the body.
    package let expectsContinue: Bool
    /// The connection may serve another request after this one.
    package let persists: Bool
    /// The method is HEAD, whose answer has no body.
    package let isHead: Bool
    /// The path without its query; percent-encoded characters are decoded, but for `/`, `%` and control characters,
    /// which stay encoded so that no two paths become one. `*` for OPTIONS of the server itself.
    package let path: String
    /// Whom TLS has proven the client to be; nil for somebody, and for everybody without TLS.
    package var certificate: PeerCertificate?

    private let bytes: [UInt8]
    private let line: HTTPRequestLine

    /// The head that `text` is, to its last byte: for those who make requests without a socket, as tests do.
    package init(text: String, limits: HTTPLimits = HTTPLimits()) throws(HTTPFault) {
        let bytes = Array(text.utf8)
        var scanner = HTTPHeadScanner()
        guard try scanner.head(in: bytes.span, limits: limits) == 0..<bytes.count else {
            throw .malformed(.requestLine)
        }
        try self.init(parsing: bytes, limits: limits)
    }

    /// The request whose head is `bytes`, from the request line to the empty line, as `HTTPHeadScanner` found it.
    init(parsing bytes: [UInt8], limits: HTTPLimits) throws(HTTPFault) {
        line = try HTTPRequestLine(parsing: bytes.span, limits: limits)
        let facts = try HTTPFieldFacts(parsing: bytes.span, from: line.end, limits: limits)
        version = line.version
        body = try facts.body(version: version, limits: limits)
        expectsContinue = facts.expectsContinue && version == .http11
        persists = version == .http11 ? !facts.saysClose : facts.saysKeepAlive && !facts.saysClose
        isHead = line.methodEnd == 4 && bytes.span.starts(with: "HEAD", at: 0)
        try facts.checkHost(version: version)
        path = line.path(in: bytes)
        self.bytes = bytes
    }
}

extension HTTPRequestHead {
    package var method: String { bytes.text(in: 0..<line.methodEnd) }

    /// As the client wrote it.
    package var target: String { bytes.text(in: line.target) }

    /// What follows the `?`, undecoded; nil when there is none.
    package var query: String? { line.query.map { bytes.text(in: $0) } }

    package var headers: HTTPHeaders { HTTPHeaders(of: bytes, from: line.end) }
}

extension HTTPRequestLine {
    fileprivate func path(in head: [UInt8]) -> String {
        pathIsEncoded ? decodedPath(in: head) : path.isEmpty ? "/" : head.text(in: path)
    }

    /// The undecoded path again when decoding gives no UTF-8.
    private func decodedPath(in head: [UInt8]) -> String {
        var decoded: [UInt8] = []
        var place = path.lowerBound
        while place < path.upperBound {
            if let byte = Self.decodedByte(at: place, in: head) {
                decoded.append(byte)
                place += 3
            } else {
                decoded.append(head[place])
                place += 1
            }
        }
        return String(validating: decoded, as: UTF8.self) ?? head.text(in: path)
    }

    private static func decodedByte(at place: Int, in head: [UInt8]) -> UInt8? {
        guard head[place] == .percent, let high = head[place + 1].hexValue, let low = head[place + 2].hexValue
        else { return nil }
        let byte = high << 4 | low
        return byte == .slash || byte == .percent || byte.isControl || byte == .tab ? nil : byte
    }
}
