// SPDX-License-Identifier: Apache-2.0

/// What the connection decides about an answer.
struct HTTPResponseFraming {
    enum Connection { case keep, keepAsked, close }

    /// `keepAsked`: HTTP/1.0 is told, since it would otherwise close.
    var connection: Connection
    /// The answer to HEAD has the fields of GET's answer, and no body.
    var omitsBody: Bool
}

extension HTTPResponse {
    static let continueLine: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"

    /// Appends the whole message, so that it can leave in one write.
    func write(to output: HTTPOutput, dateLine: [UInt8], framing: HTTPResponseFraming) {
        let status = (200...599).contains(status) ? status : 500
        let hasBody = status != 204 && status != 304
        output.appendStatusLine(status)
        output.append(dateLine)
        for header in headers where !HTTPResponse.isServersOwn(header.name) { output.append(header) }
        if hasBody {
            output.append("Content-Length: ")
            output.append(decimal: body.count)
            output.append("\r\n")
        }
        switch framing.connection {
        case .keep: output.append("\r\n")
        case .keepAsked: output.append("Connection: keep-alive\r\n\r\n")
        case .close: output.append("Connection: close\r\n\r\n")
        }
        if hasBody, !framing.omitsBody { output.append(body: body) }
    }

    private static func isServersOwn(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: name.equalsIgnoringCase("date")
        case 10: name.equalsIgnoringCase("connection")
        case 14: name.equalsIgnoringCase("content-length")
        case 17: name.equalsIgnoringCase("transfer-encoding")
        default: false
        }
    }
}

extension String {
    /// `text` must be in small letters.
    fileprivate func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard utf8.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { zip(utf8, $0).allSatisfy { $0.lowercased == $1 } }
    }
}

extension HTTPOutput {
    fileprivate func appendStatusLine(_ status: Int) {
        if let line = statusLine(status) { return append(line) }
        append("HTTP/1.1 ")
        append(decimal: status)
        append(" \r\n")
    }

    fileprivate func append(_ field: (name: String, value: String)) {
        append(field: field.name)
        append(": ")
        append(field: field.value)
        append("\r\n")
    }
}

/// The registered reason phrases (RFC 9110 section 15) of the statuses that are used; others have none.
private func statusLine(_ status: Int) -> StaticString? {
    switch status {
    case 200: "HTTP/1.1 200 OK\r\n"
    case 201: "HTTP/1.1 201 Created\r\n"
    case 202: "HTTP/1.1 202 Accepted\r\n"
    case 204: "HTTP/1.1 204 No Content\r\n"
    case 301: "HTTP/1.1 301 Moved Permanently\r\n"
    case 302: "HTTP/1.1 302 Found\r\n"
    case 303: "HTTP/1.1 303 See Other\r\n"
    case 304: "HTTP/1.1 304 Not Modified\r\n"
    case 307: "HTTP/1.1 307 Temporary Redirect\r\n"
    case 308: "HTTP/1.1 308 Permanent Redirect\r\n"
    case 400: "HTTP/1.1 400 Bad Request\r\n"
    case 401: "HTTP/1.1 401 Unauthorized\r\n"
    case 403: "HTTP/1.1 403 Forbidden\r\n"
    case 404: "HTTP/1.1 404 Not Found\r\n"
    case 405: "HTTP/1.1 405 Method Not Allowed\r\n"
    case 406: "HTTP/1.1 406 Not Acceptable\r\n"
    case 408: "HTTP/1.1 408 Request Timeout\r\n"
    case 409: "HTTP/1.1 409 Conflict\r\n"
    case 410: "HTTP/1.1 410 Gone\r\n"
    case 411: "HTTP/1.1 411 Length Required\r\n"
    case 412: "HTTP/1.1 412 Precondition Failed\r\n"
    case 413: "HTTP/1.1 413 Content Too Large\r\n"
    case 414: "HTTP/1.1 414 URI Too Long\r\n"
    case 415: "HTTP/1.1 415 Unsupported Media Type\r\n"
    case 417: "HTTP/1.1 417 Expectation Failed\r\n"
    case 421: "HTTP/1.1 421 Misdirected Request\r\n"
    case 422: "HTTP/1.1 422 Unprocessable Content\r\n"
    case 428: "HTTP/1.1 428 Precondition Required\r\n"
    case 429: "HTTP/1.1 429 Too Many Requests\r\n"
    case 431: "HTTP/1.1 431 Request Header Fields Too Large\r\n"
    case 500: "HTTP/1.1 500 Internal Server Error\r\n"
    case 501: "HTTP/1.1 501 Not Implemented\r\n"
    case 502: "HTTP/1.1 502 Bad Gateway\r\n"
    case 503: "HTTP/1.1 503 Service Unavailable\r\n"
    case 504: "HTTP/1.1 504 Gateway Timeout\r\n"
    case 505: "HTTP/1.1 505 HTTP Version Not Supported\r\n"
    default: nil
    }
}
