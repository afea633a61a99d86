// SPDX-License-Identifier: Apache-2.0

/// An access token that a server gets: narrowed to `audience`, kept fresh in `file` inside the pod.
package struct TokenHandOff: Sendable, Hashable {
    package let audience: String
    package let file: String
    /// Scopes with blanks between, where a narrower token can be had by them; nil for those of the login.
    package let scope: String?
    package let onLoginEnd: LoginEnd

    /// How long a token has to last at the least when it is handed out, or half of what it lasts at all.
    package static let leastLeft = Duration.seconds(60)

    /// What becomes of the server when its user's login has ended at the identity provider.
    package enum LoginEnd: String, Sendable, CaseIterable {
        /// It goes on without a token.
        case keep
        case stop
    }

    package init(audience: String, file: String, scope: String? = nil, onLoginEnd: LoginEnd = .keep) {
        self.audience = audience
        self.file = file
        self.scope = scope
        self.onLoginEnd = onLoginEnd
    }

    /// The directory of `file`, which its volume hides everything else of.
    ///
    /// Nil where that cannot be: `file` is no plain absolute path, or stands less than two levels deep.
    package var directory: String? {
        let parts = file.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPlain = !parts.dropFirst().contains { part in
            part.isEmpty || part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8)
        }
        guard parts.count >= 4, parts[0].isEmpty, isPlain else { return nil }
        return String(file[..<parts[parts.count - 2].endIndex])
    }
}
