// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Reads one person and their groups from a directory, at one moment.
struct PersonReader {
    let session: any DirectorySession
    let terms: DirectoryTerms
    let deadline: Deadline

    /// One line a fact: whose entry, under what name, with which numbers, in which groups.
    func answer(for asked: String) throws(DirectoryError) -> PersonAnswer {
        guard let entry = try entry(of: asked) else { return .unknown }
        let name = try name(in: entry, askedFor: asked)
        let ids = try ids(in: entry)
        let groups = try groups(of: entry, named: name, primary: ids?.gid)
        return .person(
            Person(
                name: name, dn: entry.dn, posix: try posix(ids, groups), account: try account(in: entry, name, ids),
                groups: groups.map { $0.names }, memberships: groups?.memberships ?? [],
                attributes: try attributes(in: entry)))
    }

    func search(_ search: DirectorySearch) throws(DirectoryError) -> [DirectoryEntry] {
        guard !deadline.isOver else { throw .timedOut(server: session.server) }
        return try session.search(search, until: deadline)
    }
}

// MARK: - The entry

extension PersonReader {
    /// Nil where nobody has the name. Two are enough to see that it is ambiguous.
    private func entry(of asked: String) throws(DirectoryError) -> DirectoryEntry? {
        let found = try search(
            DirectorySearch(
                base: terms.people.base,
                filter: LDAPText.all(terms.people.filter, LDAPText.equality(terms.people.name, asked)),
                attributes: attributesWanted, enough: 2))
        guard found.count < 2 else { throw .ambiguous(name: asked) }
        if found.isEmpty { try refuseBlindness() }
        return try found.first.map { entry throws(DirectoryError) in
            try entry.withWholeRanges(of: attributesWanted, by: self)
        }
    }

    /// Whom access rules let see nothing finds nobody, and is told of no error. Then the base is not to be seen either.
    private func refuseBlindness() throws(DirectoryError) {
        let base = DirectorySearch(
            base: terms.people.base, scope: .entry, filter: "(objectClass=*)", attributes: ["objectClass"])
        guard try !search(base).isEmpty else {
            throw .baseMissing(server: session.server, base: terms.people.base)
        }
    }

    private var attributesWanted: [String] {
        var wanted = [terms.people.name] + terms.people.attributes
        if terms.ids.use != .none { wanted += [terms.people.uid, terms.people.gid] }
        if case .memberOf(let attribute) = terms.groups?.way { wanted.append(attribute) }
        if terms.ids.use != .none { wanted += terms.accounts?.attributes ?? [] }
        return wanted.uniqued()
    }

    /// The value that was asked for, as the entry spells it. Directories compare with less care than Unix does: without
    /// capitals, and some without blanks or accents.
    private func name(in entry: DirectoryEntry, askedFor asked: String) throws(DirectoryError) -> String {
        let names = try entry.texts(of: terms.people.name)
        guard let name = names.first(where: { $0.isExactly(asked) }) ?? names.first(where: { $0.isNearly(asked) })
        else { throw .otherName(asked: asked, entry: entry.dn) }
        guard terms.people.names.allows(name) else { throw .nameUnfit(entry: entry.dn) }
        return name
    }

    private func attributes(in entry: DirectoryEntry) throws(DirectoryError) -> [Person.Attribute] {
        var attributes: [Person.Attribute] = []
        for name in terms.people.attributes {
            attributes.append(Person.Attribute(name: name, values: try entry.texts(of: name).sorted()))
        }
        return attributes
    }
}

// MARK: - Numbers

extension PersonReader {
    /// Nil where they are not read, or are missing and need not be there.
    private func ids(in entry: DirectoryEntry) throws(DirectoryError) -> (uid: Int, gid: Int)? {
        guard terms.ids.use != .none else { return nil }
        let uid = try entry.id(terms.people.uid, within: terms.ids.range)
        let gid = try entry.id(terms.people.gid, within: terms.ids.range)
        guard let uid, let gid else {
            // One without the other is a slip, whatever need be there.
            if uid == nil, gid == nil, terms.ids.use == .optional { return nil }
            throw .idMissing(attribute: uid == nil ? terms.people.uid : terms.people.gid, entry: entry.dn)
        }
        try refuseShared(uid, entry)
        return (uid, gid)
    }

    /// Whoever has another's uid has their files: neither gets a server.
    private func refuseShared(_ uid: Int, _ entry: DirectoryEntry) throws(DirectoryError) {
        guard !terms.ids.mayBeShared else { return }
        let holders = try search(
            DirectorySearch(
                base: terms.people.base,
                filter: LDAPText.all(terms.people.filter, LDAPText.equality(terms.people.uid, String(uid))),
                attributes: [terms.people.uid], enough: 2))
        let own = LDAPText.key(ofDN: entry.dn)
        guard holders.allSatisfy({ LDAPText.key(ofDN: $0.dn) == own }) else {
            throw .idShared(uid: uid, entry: entry.dn)
        }
    }

    private func account(
        in entry: DirectoryEntry, _ name: String, _ ids: (uid: Int, gid: Int)?
    ) throws(DirectoryError) -> Account? {
        guard let ids, let accounts = terms.accounts else { return nil }
        return try accounts.account(in: entry, name: name, uid: ids.uid, gid: ids.gid)
    }

    private func posix(_ ids: (uid: Int, gid: Int)?, _ groups: GroupSet?) throws(DirectoryError) -> PosixIdentity? {
        guard let ids else { return nil }
        return PosixIdentity(uid: ids.uid, gid: ids.gid, supplementalGroups: groups?.ids ?? [])
    }
}

extension String {
    /// Byte by byte; Swift's own `==` takes spellings of one letter for one.
    func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// But for ASCII capitals.
    fileprivate func isNearly(_ other: String) -> Bool {
        func small(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
        return utf8.elementsEqual(other.utf8) { small($0) == small($1) }
    }
}

extension [String] {
    /// Each once, attribute descriptions in any case.
    fileprivate func uniqued() -> [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0.lowercased()).inserted }
    }
}
