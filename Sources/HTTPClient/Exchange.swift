// SPDX-License-Identifier: Apache-2.0

/// One request on its way to one address, checked: nothing in it can become something else on the wire.
struct Exchange: Sendable {
    let method: HTTPClientRequest.Method
    let address: WebAddress
    let headers: [(name: String, value: String)]
    let body: [UInt8]
    let isRepeatable: Bool
    let deadline: ContinuousClock.Instant
    let bodyBytesMax: Int
    /// False once a redirect has led to another origin than the caller named.
    let mayShowCertificate: Bool

    var origin: Origin { address.origin }
}

extension Exchange {
    /// What frames a request, or names its peer, is not a caller's to set.
    private static let ownFields: Set = [
        "host", "content-length", "transfer-encoding", "connection", "expect", "te", "trailer", "upgrade",
        "accept-encoding", "user-agent", "proxy-authorization",
    ]

    init(
        _ request: HTTPClientRequest,
        limits: HTTPClientLimits,
        at now: ContinuousClock.Instant
    ) throws(HTTPClientError) {
        do throws(WebAddress.Fault) { address = try WebAddress(request.url) } catch {
            throw .invalidRequest(reason: error.words)
        }
        for (name, value) in request.headers { try Exchange.check(name, value) }
        method = request.method
        headers = request.headers
        body = request.body
        isRepeatable = request.isRepeatable
        deadline = now + (request.timeout ?? limits.requestTimeout)
        bodyBytesMax = request.bodyBytesMax ?? limits.bodyBytes
        mayShowCertificate = true
    }

    /// The value may be a secret, so only the name is said.
    private static func check(_ name: String, _ value: String) throws(HTTPClientError) {
        guard !name.isEmpty, name.utf8.allSatisfy(\.isTokenCharacter) else {
            throw .invalidRequest(reason: "a header has a name that is no token")
        }
        guard !ownFields.contains(name.lowercased()) else {
            throw .invalidRequest(reason: "the header \(name) is set by the client itself")
        }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
            throw .invalidRequest(reason: "the header \(name) has a control character in its value")
        }
    }
}

extension WebAddress.Fault {
    var words: String {
        switch self {
        case .malformed: "the URL is malformed"
        case .schemeUnknown: "the URL is neither http nor https"
        case .holdsCredentials: "the URL holds a user or password; send them in a header"
        }
    }
}

extension UInt8 {
    /// RFC 9110 section 5.6.2.
    fileprivate var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
