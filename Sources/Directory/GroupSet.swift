// SPDX-License-Identifier: Apache-2.0

/// The groups found so far, each once.
struct GroupSet {
    /// Far more than any person is in, and fewer than Linux takes of a process (NGROUPS_MAX is 65,536).
    static let most = 2000

    private var seen: Set<String> = []
    private var entries: [DirectoryEntry] = []
    private(set) var sum = GroupSum()

    func isNew(_ entry: DirectoryEntry) -> Bool { !seen.contains(LDAPText.key(ofDN: entry.dn)) }

    mutating func add(_ entry: DirectoryEntry, named name: String, id: Int?) throws(DirectoryError) {
        guard seen.insert(LDAPText.key(ofDN: entry.dn)).inserted else { return }
        guard seen.count <= Self.most else { throw .tooManyGroups(limit: Self.most) }
        entries.append(entry)
        sum.add(name, id: id)
    }

    var dns: [String] { entries.map(\.dn) }

    /// What the groups found so far say that they are in.
    func listed(_ attribute: String) throws(DirectoryError) -> [String] {
        var listed: [String] = []
        for entry in entries { listed += try entry.texts(of: attribute) }
        return listed
    }
}

/// What somebody's groups come to.
struct GroupSum {
    private var found: Set<[UInt8]> = []
    private var numbered: Set<Membership> = []

    mutating func add(_ name: String, id: Int?) {
        found.insert(Array(name.utf8))
        if let id { numbered.insert(Membership(gid: id, name: name)) }
    }

    var ids: [Int] { numbered.map(\.gid) }
    var memberships: [Membership] { numbered.sorted() }

    /// In the order of their bytes.
    var names: [String] {
        found.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
    }
}
