// SPDX-License-Identifier: Apache-2.0
import HTTPClient

/// A URL with `{user}` and `{deployment}` in its path or query, such as `https://hr.example.org/people/{user}`.
///
/// Values are data: all but unreserved signs become percent signs (RFC 3986 section 2.3), so that a name can leave
/// neither its path segment nor its query field.
package struct LookUpAddress: Sendable, Hashable {
    package enum Fault: Error, Hashable {
        /// Not https, nor http on this machine.
        case notSecure
        case malformed
        /// A placeholder that does not exist.
        case unknownPlaceholder(String)
        /// It would decide whom we ask.
        case placeholderInHost
    }

    /// Text and placeholders in turn.
    private enum Part: Hashable, Sendable {
        case text(String)
        case user, deployment
    }

    private let parts: [Part]
    /// Whom it asks, for errors: `https://hr.example.org:443`.
    package let origin: String

    /// - Parameter allowsClearText: takes `http://` to other machines too.
    package init(_ text: String, allowsClearText: Bool = false) throws(Fault) {
        parts = try Self.parts(of: text)
        guard case .text(let head) = parts.first, let slashes = head.firstRange(of: "://"),
            head[slashes.upperBound...].contains("/")
        else { throw parts.count > 1 ? .placeholderInHost : .malformed }
        let origin: Origin
        do throws(WebAddress.Fault) {
            origin = try WebAddress(Self.text(parts, user: "u", deployment: "d")).origin
        } catch {
            throw .malformed
        }
        guard origin.scheme == .https || origin.isThisMachine || allowsClearText else { throw .notSecure }
        self.origin = "\(origin)"
    }

    /// Nil for `.` and `..`: servers take them for "here" and "above", percent signs or not.
    func url(user: String, deployment: String) -> String? {
        guard ![".", "..", ""].contains(user) else { return nil }
        return Self.text(parts, user: user, deployment: deployment)
    }

    private static func text(_ parts: [Part], user: String, deployment: String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .user: FormEncoding.text(user)
            case .deployment: FormEncoding.text(deployment)
            }
        }.joined()
    }

    private static func parts(of text: String) throws(Fault) -> [Part] {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw .unknownPlaceholder(String(rest[open...]))
            }
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            switch rest[rest.index(after: open)..<close] {
            case "user": parts.append(.user)
            case "deployment": parts.append(.deployment)
            default: throw .unknownPlaceholder(String(rest[open...close]))
            }
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        return parts
    }
}

extension Origin {
    fileprivate var isThisMachine: Bool { ["127.0.0.1", "localhost", "[::1]"].contains(host) }
}
