// SPDX-License-Identifier: Apache-2.0
import SpawnModel

// What one entry says by itself, whether it was asked for or is one of all.

extension DirectoryTerms {
    var attributesOfPeople: [String] {
        var wanted = [people.name] + people.attributes
        if ids.use != .none { wanted += [people.uid, people.gid] + (accounts?.attributes ?? []) }
        if case .memberOf(let attribute) = groups?.way { wanted.append(attribute) }
        return wanted.uniqued()
    }

    /// Nil where they are not read, or are missing and need not be there. Whether they are the entry's alone is not said.
    func ids(in entry: DirectoryEntry) throws(DirectoryError) -> (uid: Int, gid: Int)? {
        guard ids.use != .none else { return nil }
        let uid = try entry.id(people.uid, within: ids.range)
        let gid = try entry.id(people.gid, within: ids.range)
        guard let uid, let gid else {
            // One without the other is a slip, whatever need be there.
            if uid == nil, gid == nil, ids.use == .optional { return nil }
            throw .idMissing(attribute: uid == nil ? people.uid : people.gid, entry: entry.dn)
        }
        return (uid, gid)
    }

    func account(
        in entry: DirectoryEntry, named name: String, _ ids: (uid: Int, gid: Int)?
    ) throws(DirectoryError) -> Account? {
        guard let ids, let accounts else { return nil }
        return try accounts.account(in: entry, name: name, uid: ids.uid, gid: ids.gid)
    }

    func attributes(in entry: DirectoryEntry) throws(DirectoryError) -> [Person.Attribute] {
        var attributes: [Person.Attribute] = []
        for name in people.attributes {
            attributes.append(Person.Attribute(name: name, values: try entry.texts(of: name).sorted()))
        }
        return attributes
    }

    /// Nil where groups have none that is read.
    func gid(ofGroup entry: DirectoryEntry) throws(DirectoryError) -> Int? {
        guard ids.use != .none, let groups else { return nil }
        return try entry.id(groups.gid, within: ids.range)
    }
}

extension Person {
    init(
        name: String, dn: String, _ ids: (uid: Int, gid: Int)?, _ groups: GroupSum?, account: Account?,
        attributes: [Attribute]
    ) {
        self.init(
            name: name, dn: dn,
            posix: ids.flatMap { PosixIdentity(uid: $0.uid, gid: $0.gid, supplementalGroups: groups?.ids ?? []) },
            account: account, groups: groups?.names, memberships: groups?.memberships ?? [], attributes: attributes)
    }
}

extension [String] {
    /// Each once, attribute descriptions in any case.
    func uniqued() -> [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0.lowercased()).inserted }
    }
}
