// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// The WLCG token profile, 1.3: groups in `wlcg.groups`, capabilities in `scope`.
enum WLCG {
    /// The first digit of `wlcg.ver` that is known. Claims without a version are taken, since userinfo has none.
    private static let majorVersion = "1"

    static func names(of kind: NameKind, in texts: [String], claims: JSON, _ path: ClaimPath) throws(IdentityError)
        -> [String]
    {
        try checkVersion(claims["wlcg.ver"])
        switch kind {
        // The first is the primary one; a group does not imply those around it.
        case .groups, .roles: return try groups(texts, path)
        case .entitlements: return try capabilities(texts, path)
        }
    }

    private static func checkVersion(_ version: JSON?) throws(IdentityError) {
        guard let version, !version.isNull else { return }
        let parts = version.string?.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) ?? []
        let isVersion = parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isDigit) }
        guard isVersion, parts[0].elementsEqual(majorVersion.utf8) else { throw .unknownTokenVersion(version.text) }
    }

    private static func groups(_ texts: [String], _ path: ClaimPath) throws(IdentityError) -> [String] {
        for text in texts where !isGroup(text) { throw .malformed(.wlcgGroup, path, text) }
        return texts
    }

    /// `group ::= '/' name | group '/' name`, `name ::= [a-zA-Z0-9][a-zA-Z0-9_.-]*`.
    private static func isGroup(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.count > 1 && parts[0].isEmpty
            && parts.dropFirst().allSatisfy { name in
                name.first?.isLetterOrDigit ?? false
                    && name.allSatisfy { $0.isLetterOrDigit || "_.-".utf8.contains($0) }
            }
    }

    /// The capabilities among the scopes; the others are not ours.
    private static func capabilities(_ texts: [String], _ path: ClaimPath) throws(IdentityError) -> [String] {
        var capabilities: [String] = []
        for text in texts where WLCGCapability.isMeant(text) {
            guard let capability = WLCGCapability(text) else { throw .malformed(.wlcgCapability, path, text) }
            capabilities.append(capability.text)
        }
        return capabilities
    }
}

/// `storage.read:/maxiv/visitors`, `compute.create`: what a token allows, and where.
package struct WLCGCapability: Sendable, Hashable {
    /// `storage.read`
    let action: String
    /// Decoded components; nil for `compute`, which has no path.
    let path: [String]?

    /// A scope that begins so is a capability, or it is nothing.
    static func isMeant(_ scope: String) -> Bool {
        let action = scope.utf8.prefix { $0 != UInt8(ascii: ":") }
        return actions.contains(String(Substring(action)))
    }

    private static let actions = Set(
        ["read", "create", "modify", "stage", "poll"].map { "storage." + $0 }
            + ["read", "modify", "create", "cancel"].map { "compute." + $0 })

    /// Nil where it is no capability, or one whose path is missing or leads upwards: such a token is to be rejected.
    package init?(_ scope: String) {
        guard Self.isMeant(scope) else { return nil }
        let parts = scope.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        action = String(Substring(parts[0]))
        guard action.hasPrefix("storage.") else {
            guard parts.count == 1 else { return nil }
            path = nil
            return
        }
        guard parts.count == 2, parts[1].first == UInt8(ascii: "/") else { return nil }
        let names = parts[1].split(separator: UInt8(ascii: "/"))
        let decoded = names.compactMap { String(percentDecoding: $0) }
        guard decoded.count == names.count, !decoded.contains("."), !decoded.contains("..") else { return nil }
        path = decoded
    }

    package var text: String { path.map { Self.text(action, $0[...]) } ?? action }

    /// This capability and those that cover it: a path covers what lies below it, by whole names.
    package var covering: [String] {
        guard let path else { return [action] }
        return (0...path.count).reversed().map { Self.text(action, path[..<$0]) }
    }

    private static func text(_ action: String, _ path: ArraySlice<String>) -> String {
        action + ":" + (path.isEmpty ? "/" : path.map { "/" + $0.escapingSeparators }.joined())
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLetterOrDigit: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}
