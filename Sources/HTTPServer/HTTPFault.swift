// SPDX-License-Identifier: Apache-2.0

/// A request that cannot be served as HTTP; its connection is closed after the answer.
package enum HTTPFault: Error, Hashable, Sendable {
    /// 400. The sentence is for whoever wrote the client.
    case malformed(Sentence)
    /// 408.
    case timedOut
    /// 413.
    case bodyTooLarge(limitBytes: Int)
    /// 414.
    case targetTooLong(limitBytes: Int)
    /// 417: an expectation other than `100-continue`.
    case expectationUnknown
    /// 431.
    case headTooLarge
    /// 431.
    case trailersTooLarge
    /// 501: a transfer coding besides chunked.
    case codingUnknown
    /// 501: CONNECT.
    case tunnelUnknown
    /// 503: `HTTPLimits.connectionsMax` is reached.
    case tooManyConnections
    /// 505: another major version than 1.
    case versionUnknown

    /// What is wrong with a malformed request.
    package enum Sentence: String, Sendable {
        case bareLineFeed = "A line feed stands without the carriage return before it."
        case bareCarriageReturn = "A carriage return stands without the line feed after it."
        case controlCharacter = "There is a control character in the request line or a field."
        case requestLine = "The request line is not a method, one space, a target, one space and HTTP/1.1."
        case method = "The method is not a token."
        case target = "The target is not a path, nor a URL of http or https."
        case fieldName = "A field's name is empty or no token, or is not followed by a colon at once."
        case foldedLine = "A field is folded over several lines."
        case hostMissing = "There is no Host field."
        case hostRepeated = "There is more than one Host field."
        case hostInvalid = "The Host field is no host and port."
        case lengthInvalid = "Content-Length is not one plain number."
        case lengthRepeated = "There is more than one Content-Length field."
        case lengthAndCoding = "There are both Content-Length and Transfer-Encoding."
        case codingInOldVersion = "HTTP/1.0 has no Transfer-Encoding."
        case codingInvalid = "Transfer-Encoding does not end in chunked."
        case chunkSize = "A chunk's size is not one to fifteen hexadecimal digits."
        case chunkEnd = "A chunk is not followed by a line end."
        case chunkExtensions = "The chunk extensions are too long."
        case plainAtSecurePort = "This port speaks TLS: write https:// in place of http://."
        case trailer = "A trailer field is malformed."
    }

    package var status: Int {
        switch self {
        case .malformed: 400
        case .timedOut: 408
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .expectationUnknown: 417
        case .headTooLarge, .trailersTooLarge: 431
        case .codingUnknown, .tunnelUnknown: 501
        case .tooManyConnections: 503
        case .versionUnknown: 505
        }
    }
}

extension HTTPFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let sentence): sentence.rawValue
        case .timedOut: "The request did not arrive in time."
        case .bodyTooLarge(let limit): "The request's content is larger than \(limit) bytes."
        case .targetTooLong(let limit): "The request's target is longer than \(limit) bytes."
        case .expectationUnknown: "The only expectation that can be met is 100-continue."
        case .headTooLarge: "The request's fields are too many or too long."
        case .trailersTooLarge: "The request's trailers are too long."
        case .codingUnknown: "The only transfer coding understood is chunked."
        case .tunnelUnknown: "This server makes no tunnels."
        case .tooManyConnections: "The server has all the connections that it may have. Try again in a moment."
        case .versionUnknown: "The only versions spoken are HTTP/1.1 and HTTP/1.0."
        }
    }
}
