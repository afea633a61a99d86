// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// What a directory says of a person.
package struct Person: Sendable, Hashable {
    /// As the entry spells it, which may differ in capitals from what was asked for.
    package let name: String
    package let dn: String
    /// Nil where ids are not read, or the entry has none and need not.
    package let posix: PosixIdentity?
    /// Nil where ids or accounts are not read.
    package let account: Account?
    /// In the order of their bytes, each once; nil where groups are not read.
    package let groups: [String]?
    /// The groups with a number, the primary one too where the directory has it; by number, then by the bytes of the
    /// name.
    package let memberships: [Membership]
    /// The attributes that were asked for, in that order; empty where the entry has none.
    package let attributes: [Attribute]

    package init(
        name: String, dn: String, posix: PosixIdentity?, account: Account?, groups: [String]?,
        memberships: [Membership], attributes: [Attribute]
    ) {
        self.name = name
        self.dn = dn
        self.posix = posix
        self.account = account
        self.groups = groups
        self.memberships = memberships
        self.attributes = attributes
    }

    package struct Attribute: Sendable, Hashable {
        package let name: String
        /// In order, since a directory's own order means nothing.
        package let values: [String]
    }

    /// Members of the claim that have a meaning of their own; no attribute is called so.
    package static let ownMembers = ["known", "name", "dn", "uid", "gid", "supplemental_groups", "groups"]

    /// As rules find it in the claims: `known` is true, each attribute is a list.
    package var claim: JSON {
        var claim: JSONObject = ["known": true, "name": JSON(name), "dn": JSON(dn)]
        if let posix {
            claim["uid"] = JSON(posix.uid)
            claim["gid"] = JSON(posix.gid)
            claim["supplemental_groups"] = JSON(posix.supplementalGroups.map { JSON($0) })
        }
        if let groups { claim["groups"] = JSON(groups.map { JSON($0) }) }
        for attribute in attributes { claim[attribute.name] = JSON(attribute.values.map { JSON($0) }) }
        return JSON(claim)
    }
}

/// The directory's answer about one name.
package enum PersonAnswer: Sendable, Hashable {
    case person(Person)
    /// There is no such person in it.
    case unknown

    /// As rules find it in the claims.
    package var claim: JSON {
        switch self {
        case .person(let person): person.claim
        case .unknown: ["known": false]
        }
    }
}
