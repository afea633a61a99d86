// SPDX-License-Identifier: Apache-2.0

/// A group, and perhaps a role in it, as AARC-G069 and its forerunner G002 write them:
///
///     urn:geant:example.de:group:lab:hydrology:role=member#login.aai.example.de
///
/// Split first, decoded after, so that an escaped separator is part of a name. The namespace is compared without case,
/// all else with it. The authority (`#…`) is required by G002 and optional in G069; whoever needs it asks for it.
package struct AARCEntitlement: Sendable, Hashable {
    /// In small letters, without `:group:`: `urn:geant:example.de`.
    package let namespace: String
    /// The group and its subgroups, outermost first; at least one. Decoded.
    package let group: [String]
    /// The user's role in the innermost of them. Decoded.
    package let role: String?
    /// Who says so. Decoded.
    package let authority: String?

    /// Nil where the text is not such an entitlement.
    package init?(_ text: String) {
        let halves = text.utf8.split(separator: UInt8(ascii: "#"), maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard String(Substring(parts[0])).foldingASCII == "urn" else { return nil }
        guard let place = Self.placeOfGroup(in: parts) else { return nil }
        let namespace = parts[..<place].map { String(Substring($0)) }.joined(separator: ":")
        self.namespace = namespace.foldingASCII

        let (names, role) = Self.names(in: parts[(place + 1)...])
        guard let group = Self.decoded(names) else { return nil }
        self.group = group
        guard let role = Self.decoded(role), let authority = Self.decoded(halves.count > 1 ? halves[1] : nil) else {
            return nil
        }
        self.role = role
        self.authority = authority
    }

    private typealias Part = Substring.UTF8View

    /// Where `group` stands between namespace and names: the last place that makes both whole. A `:group:` before it is
    /// part of the namespace.
    private static func placeOfGroup(in parts: [Part]) -> Int? {
        parts.indices.dropFirst(3).last { place in
            parts[place].elementsEqual("group".utf8) && place + 1 < parts.count
                && parts[..<place].allSatisfy { !$0.isEmpty && !$0.contains(UInt8(ascii: "?")) }
                && isWhole(parts[(place + 1)...])
        }
    }

    private static func isWhole(_ names: ArraySlice<Part>) -> Bool {
        let (group, role) = self.names(in: names)
        return !group.isEmpty && group.allSatisfy { !$0.isEmpty && !$0.elementsEqual(rolePrefix) }
            && role?.isEmpty != true
    }

    /// The names up to the role, which begins with the first `role=` behind the group and goes on to the end, colons
    /// and all. A bare `role=` is no role, and no subgroup either.
    private static func names(in parts: ArraySlice<Part>) -> (group: ArraySlice<Part>, role: Part?) {
        let start = parts.dropFirst().firstIndex { $0.starts(with: rolePrefix) && $0.count > rolePrefix.count }
        guard let start else { return (parts, nil) }
        let first = parts[start].dropFirst(rolePrefix.count)
        let whole = parts[(start + 1)...].reduce(String(Substring(first))) { $0 + ":" + String(Substring($1)) }
        return (parts[..<start], Substring(whole).utf8)
    }

    private static let rolePrefix = Array("role=".utf8)

    private static func decoded(_ names: ArraySlice<Part>) -> [String]? {
        let decoded = names.compactMap { String(percentDecoding: $0) }
        return decoded.count == names.count ? decoded : nil
    }

    /// Nil where the part is there and says nothing or cannot be decoded.
    private static func decoded(_ part: Part?) -> String?? {
        guard let part else { return .some(nil) }
        guard let text = String(percentDecoding: part), !text.isEmpty else { return nil }
        return text
    }
}

// MARK: - As names

extension AARCEntitlement {
    /// `/lab/hydrology`. A slash, colon, `#` or `%` inside a name stays escaped, so that no two groups have one name.
    package var groupName: String { Self.groupName(group[...]) }

    /// `/lab/hydrology:role=member`: a role is one of its group.
    package var roleName: String? { role.map { groupName + ":role=" + $0.escapingSeparators } }

    /// `/lab` for `/lab/hydrology`; outermost first, without the group itself.
    var parentNames: [String] { group.indices.dropFirst().map { Self.groupName(group[..<$0]) } }

    /// The entitlement in its one spelling, then what it also is: one without its authority, one without its role, and
    /// with `parents` the groups around it. So a rule may leave out what it does not care for.
    package func texts(withParents: Bool) -> [String] {
        let ends = authority.map { ["#" + $0.escapingSeparators, ""] } ?? [""]
        let bodies = [role.map { body(group[...]) + ":role=" + $0.escapingSeparators }, body(group[...])]
        let parents = withParents ? group.indices.dropFirst().reversed().map { body(group[..<$0]) } : []
        return (bodies.compactMap { $0 } + parents).flatMap { body in ends.map { body + $0 } }
    }

    /// The one spelling.
    package var text: String { texts(withParents: false)[0] }

    private static func groupName(_ group: ArraySlice<String>) -> String {
        group.map { "/" + $0.escapingSeparators }.joined()
    }

    private func body(_ group: ArraySlice<String>) -> String {
        namespace + ":group" + group.map { ":" + $0.escapingSeparators }.joined()
    }
}
