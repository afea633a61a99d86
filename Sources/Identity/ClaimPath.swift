// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// The way to a claim: member names, outermost first.
///
/// As text either names joined by dots, a dot or backslash inside a name written `\.` or `\\`
/// (`resource_access.jupyter\.example\.org.roles`), or a JSON pointer, which begins with a slash
/// (`/resource_access/jupyter.example.org/roles`).
package struct ClaimPath: Sendable, Hashable, CustomStringConvertible {
    package let names: [String]

    /// At least one name.
    package init?(names: [String]) {
        guard !names.isEmpty else { return nil }
        self.names = names
    }

    package init(_ text: String) throws(IdentityError) {
        let names = text.utf8.first == UInt8(ascii: "/") ? Self.pointerNames(text) : Self.dottedNames(text)
        guard let names, !names.isEmpty, !names.contains("") else { throw .badPath(text) }
        self.names = names
    }

    /// RFC 6901 text, which is plain whatever the names hold.
    package var description: String { JSONPointer(tokens: names).description }

    private static func pointerNames(_ text: String) -> [String]? {
        do throws(JSONError) { return try JSONPointer(text).tokens } catch { return nil }
    }

    private static func dottedNames(_ text: String) -> [String]? {
        var names = [""]
        var isEscaped = false
        for scalar in text.unicodeScalars {
            switch (scalar, isEscaped) {
            case (".", false): names.append("")
            case ("\\", false): isEscaped = true
            case (".", true), ("\\", true), (_, false):
                names[names.count - 1].unicodeScalars.append(scalar)
                isEscaped = false
            case (_, true): return nil
            }
        }
        return isEscaped ? nil : names
    }
}
