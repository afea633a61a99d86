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
                name: name, dn: entry.dn, ids, groups?.sum, account: try terms.account(in: entry, named: name, ids),
                attributes: try terms.attributes(in: entry)))
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
                attributes: terms.attributesOfPeople, enough: 2))
        guard found.count < 2 else { throw .ambiguous(name: asked) }
        if found.isEmpty { try refuseBlindness() }
        return try found.first.map { entry throws(DirectoryError) in
            try entry.withWholeRanges(of: terms.attributesOfPeople, by: self)
        }
    }

    /// Whom access rules let see nothing finds nobody, and is told of no error. Then the base is not to be seen either.
    func refuseBlindness(at base: String? = nil) throws(DirectoryError) {
        let base = base ?? terms.people.base
        let itself = DirectorySearch(base: base, scope: .entry, filter: "(objectClass=*)", attributes: ["objectClass"])
        guard try !search(itself).isEmpty else { throw .baseMissing(server: session.server, base: base) }
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
}

// MARK: - Numbers

extension PersonReader {
    private func ids(in entry: DirectoryEntry) throws(DirectoryError) -> (uid: Int, gid: Int)? {
        guard let ids = try terms.ids(in: entry) else { return nil }
        try refuseShared(ids.uid, entry)
        return ids
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
