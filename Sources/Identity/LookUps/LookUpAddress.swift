// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import JSONTree

/// A URL with `{user}`, `{deployment}` and `{claims.…}` in its path or query, such as
/// `https://hr.example.org/people/{user}?project={claims.project}`.
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

    /// A value that cannot stand there.
    enum Unfit: Error {
        case user
        case claim(ClaimPath)
    }

    /// Text and placeholders in turn.
    private enum Part: Hashable, Sendable {
        case text(String)
        case user, deployment
        case claim(ClaimPath)
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
            origin = try WebAddress(parts.map { if case .text(let text) = $0 { text } else { "x" } }.joined()).origin
        } catch {
            throw .malformed
        }
        guard origin.scheme == .https || origin.isThisMachine || allowsClearText else { throw .notSecure }
        self.origin = "\(origin)"
    }

    /// The claims that it names.
    package var claims: [ClaimPath] {
        parts.compactMap { if case .claim(let path) = $0 { path } else { nil } }
    }

    func url(for question: LookUpQuestion) throws(Unfit) -> String {
        var url = ""
        for part in parts {
            switch part {
            case .text(let text): url += text
            case .user: url += try Self.segment(question.user, else: .user)
            case .deployment: url += question.deployment.percentEncoded
            case .claim(let path): url += try Self.segment(question.claims.word(at: path), else: .claim(path))
            }
        }
        return url
    }

    /// Not `.` and `..`: servers take them for "here" and "above", percent signs or not.
    private static func segment(_ value: String?, else unfit: Unfit) throws(Unfit) -> String {
        guard let value, value.utf8.count <= 1024, ![".", "..", ""].contains(value) else { throw unfit }
        return value.percentEncoded
    }

    private static func parts(of text: String) throws(Fault) -> [Part] {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw .unknownPlaceholder(String(rest[open...]))
            }
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            guard let part = placeholder(String(rest[rest.index(after: open)..<close])) else {
                throw .unknownPlaceholder(String(rest[open...close]))
            }
            parts.append(part)
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        return parts
    }

    /// `claims.a.b`, or with a pointer `claims/a/b`.
    private static func placeholder(_ name: String) -> Part? {
        switch name {
        case "user": return .user
        case "deployment": return .deployment
        default:
            let path = name.dropFirst("claims".count)
            guard name.hasPrefix("claims"), path.hasPrefix(".") || path.hasPrefix("/") else { return nil }
            return (try? ClaimPath(String(path.hasPrefix("/") ? path : path.dropFirst()))).map { .claim($0) }
        }
    }
}

extension JSON {
    /// A text or whole number.
    fileprivate func word(at path: ClaimPath) -> String? {
        claim(at: path).flatMap { $0.string ?? $0.int.map(String.init) }
    }
}

extension Origin {
    fileprivate var isThisMachine: Bool { ["127.0.0.1", "localhost", "[::1]"].contains(host) }
}
