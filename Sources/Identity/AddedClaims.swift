// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// What further sources (a directory, look-ups) say of a user besides their token's claims.
package struct AddedClaims: Sendable {
    /// The member of the claims that each source fills. Nil where it was not heard: nothing in it is then known, neither
    /// that it is there nor that it is not.
    private(set) package var members: [(name: String, value: JSON?)] = []
    package private(set) var groups = Groups.none
    /// Goes before the ids that claims carry.
    package var posix: PosixIdentity?

    package enum Groups: Sendable, Hashable {
        /// No source adds groups.
        case none
        case these([String])
        /// One that would was not heard: the user's groups as a whole are then unknown, since half of them is none.
        case unknown
    }

    package init() {}

    package mutating func add(_ value: JSON?, as name: String) { members.append((name, value)) }

    package mutating func add(groups: [String]?) {
        switch (self.groups, groups) {
        case (.none, let more?): self.groups = .these(more)
        case (.these(let names), let more?): self.groups = .these(names + more)
        case (_, nil), (.unknown, _): self.groups = .unknown
        }
    }

    /// Sources that were not heard.
    var unheard: Set<String> { Set(members.lazy.filter { $0.value == nil }.map(\.name)) }

    /// The claims with each source's member in place: what the token says under such a name does not count, or an
    /// issuer could speak for the directory.
    func joined(to claims: JSON?) -> JSON? {
        guard !members.isEmpty else { return claims }
        var joined = claims ?? .emptyObject
        for (name, value) in members { joined[name] = value }
        return joined
    }
}
