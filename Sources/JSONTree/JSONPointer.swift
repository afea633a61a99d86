// SPDX-License-Identifier: Apache-2.0

/// A place in a document by RFC 6901: `/spec/containers/0`.
package struct JSONPointer: Sendable {
    /// The keys and indexes on the way, unescaped; none for the whole document.
    package let tokens: [String]

    package init(tokens: [String]) { self.tokens = tokens }

    /// - Throws: `JSONError.pointer` when the text neither is empty nor begins with `/`, or holds a bare `~`.
    package init(_ text: String) throws(JSONError) {
        // By bytes: to Swift's characters, a slash and an accent after it are one.
        let parts = text.utf8.split(separator: Byte.slash, omittingEmptySubsequences: false)
        guard parts[0].isEmpty else {
            throw .pointer(text: text, reason: "a pointer is empty or begins with a slash")
        }
        var tokens: [String] = []
        for part in parts.dropFirst() {
            guard let token = Self.unescaped(part) else {
                throw .pointer(text: text, reason: "a tilde is written ~0, a slash ~1, and ~ stands for nothing else")
            }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    /// The pointer with one more token at its end.
    package func appending(_ token: String) -> JSONPointer { JSONPointer(tokens: tokens + [token]) }

    private static func unescaped(_ part: Substring.UTF8View) -> String? {
        var result: [UInt8] = []
        var rest = part[...]
        while let byte = rest.popFirst() {
            guard byte == Byte.tilde else {
                result.append(byte)
                continue
            }
            switch rest.popFirst() {
            case Byte.zero: result.append(Byte.tilde)
            case Byte.one: result.append(Byte.slash)
            default: return nil
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension JSONPointer: CustomStringConvertible {
    /// The pointer as text, `~` and `/` in tokens escaped.
    package var description: String {
        var out: [UInt8] = []
        for token in tokens {
            out.append(Byte.slash)
            for byte in token.utf8 {
                switch byte {
                case Byte.tilde: out += [Byte.tilde, Byte.zero]
                case Byte.slash: out += [Byte.tilde, Byte.one]
                default: out.append(byte)
                }
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

extension JSONPointer: Hashable {
    package static func == (a: JSONPointer, b: JSONPointer) -> Bool {
        a.tokens.count == b.tokens.count && zip(a.tokens, b.tokens).allSatisfy { $0.isExactly($1) }
    }

    package func hash(into hasher: inout Hasher) {
        for token in tokens { hasher.combine(ExactKey(text: token)) }
    }
}

extension JSON {
    /// The value that the pointer names; nil when there is none. `-`, the place after the last element, names none.
    package func value(at pointer: JSONPointer) -> JSON? {
        var value = self
        for token in pointer.tokens {
            guard let next = value.child(token) else { return nil }
            value = next
        }
        return value
    }

    /// The member or element that one token names.
    private func child(_ token: String) -> JSON? {
        switch kind {
        case .object: self[token]
        case .array: JSONPointer.index(token).flatMap { self[$0] }
        default: nil
        }
    }
}

extension JSONPointer {
    /// A token as an array index: `0`, or digits that do not begin with it (RFC 6901 section 4).
    static func index(_ token: String) -> Int? {
        guard token.utf8.allSatisfy({ $0 &- Byte.zero < 10 }), token == "0" || token.utf8.first != Byte.zero else {
            return nil
        }
        return Int(token)
    }
}
