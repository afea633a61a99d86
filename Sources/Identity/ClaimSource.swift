// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// A claim that names are taken from, and how they stand there.
package struct ClaimSource: Sendable, Hashable {
    package let path: ClaimPath
    package let shape: Shape

    package enum Shape: Sendable, Hashable {
        /// A list of names, or one name.
        case names
        /// One text with several names, such as `a,b`; a list is taken as it comes, and each of its names is one.
        case joined(by: Unicode.Scalar)
        /// A list of objects, each with a name.
        case elements(ElementTerms)
        case aarc(AARCTerms)
        /// Groups of `wlcg.groups`, or capabilities of `scope`, as the names' kind says.
        case wlcg
        /// `member@example.org`
        case scoped(ScopeTerms)
    }

    package init(_ path: ClaimPath, _ shape: Shape = .names) {
        self.path = path
        self.shape = shape
    }

    /// In the claim's order, with repeats; nil where the claim is missing.
    func names(of kind: NameKind, in claims: JSON) throws(IdentityError) -> [String]? {
        guard let value = claims.claim(at: path) else { return nil }
        switch shape {
        case .names: return try value.names(path)
        case .joined(let separator): return try value.names(path, joinedBy: separator)
        case .elements(let terms): return try terms.names(in: value, path)
        case .aarc(let terms): return try terms.names(of: kind, in: value.names(path), path)
        case .wlcg:
            return try WLCG.names(of: kind, in: value.names(path, joinedBy: " "), claims: claims, path)
        case .scoped(let terms): return try terms.names(in: value.names(path), claims: claims, path)
        }
    }
}

/// Which objects of a list count, and where each has its name.
package struct ElementTerms: Sendable, Hashable {
    /// From the object's own members on; at least one. Several together are one name, as GitHub's `organization.login`
    /// and `slug` are.
    package let name: [ClaimPath]
    package let joint: String
    /// All of them must hold, each of the same object. One that lacks the member does not meet the condition.
    package let conditions: [Condition]

    /// The member is one of the values, or a list that holds one.
    package struct Condition: Sendable, Hashable {
        package let path: ClaimPath
        package let values: [JSON]

        package init(_ path: ClaimPath, _ values: [JSON]) {
            self.path = path
            self.values = values
        }

        fileprivate func holds(for element: JSON) -> Bool {
            guard let member = element.claim(at: path) else { return false }
            return ([member] + (member.array ?? [])).contains { found in
                values.contains { $0.isEquivalent(to: found) }
            }
        }
    }

    package init(name: ClaimPath, conditions: [Condition] = []) {
        self.init(name: [name], joint: "", conditions: conditions)
    }

    package init(name: [ClaimPath], joint: String, conditions: [Condition] = []) {
        self.name = name
        self.joint = joint
        self.conditions = conditions
    }

    /// A single object counts as a list of one.
    func names(in value: JSON, _ path: ClaimPath) throws(IdentityError) -> [String] {
        let elements = value.array ?? [value]
        try NameLimits.checkCount(elements.count, path)
        var names: [String] = []
        for element in elements {
            guard element.object != nil else { throw .notObjects(path, element.kind) }
            guard conditions.allSatisfy({ $0.holds(for: element) }) else { continue }
            names += try self.names(of: element, path)
        }
        return names
    }

    private func names(of element: JSON, _ path: ClaimPath) throws(IdentityError) -> [String] {
        if name.count == 1 { return try part(name[0], of: element, path).names(path) }
        var parts: [String] = []
        for member in name {
            let part = try part(member, of: element, path)
            guard let text = part.string ?? part.int.map(String.init) else { throw .notNames(path, part.kind) }
            guard !text.isEmpty else { throw .elementWithoutName(path, member) }
            parts.append(text)
        }
        return [parts.joined(separator: joint)]
    }

    private func part(_ member: ClaimPath, of element: JSON, _ path: ClaimPath) throws(IdentityError) -> JSON {
        guard let part = element.claim(at: member) else { throw .elementWithoutName(path, member) }
        return part
    }
}
