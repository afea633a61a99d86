// SPDX-License-Identifier: Apache-2.0

/// An answer. Date, Content-Length and Connection are the server's to add; if they are among `headers`, they are left
/// out.
package struct HTTPResponse: Sendable {
    /// 200 to 599; anything else is sent as 500.
    package var status: Int
    /// Sent in this order. A line end or NUL in a value is sent as a space, so that no value can become a field.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Plain text in UTF-8.
    package init(status: Int, text: String) {
        self.init(status: status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
    }
}
