// SPDX-License-Identifier: Apache-2.0

/// A snapshot while it is read.
struct SnapshotDraft {
    private let terms: DirectoryTerms
    /// The key of each DN that was seen or named; see `LDAPText.key`.
    private var dns = InternTable()
    private var people: PersonRecords
    private var groups: GroupRecords
    /// From a DN to those of the groups that its entry says it is in.
    private var listed = Links.Pairs()
    private var peopleSeen: Set<Int32> = []
    /// Whose list of groups cannot be used.
    private var listFaults: [Int32: DirectoryError] = [:]
    private var rejections = Rejections()

    init(_ terms: DirectoryTerms) {
        self.terms = terms
        people = PersonRecords(terms)
        groups = GroupRecords(terms)
    }

    mutating func add(person entry: DirectoryEntry) {
        let dn = dns.intern(LDAPText.key(ofDN: Array(entry.dn.utf8)))
        guard peopleSeen.insert(dn).inserted else { return }
        if let fault = people.add(entry, dn: dn) { rejections.add(fault, name: nil) }
        guard case .memberOf(let attribute) = terms.groups?.way else { return }
        do throws(DirectoryError) {
            for group in try entry.texts(of: attribute) { addListed(Array(group.utf8), of: dn) }
        } catch {
            listFaults[dn] = error
        }
    }

    mutating func add(group entry: DirectoryEntry, _ terms: DirectoryTerms.Groups) {
        let dn = dns.intern(LDAPText.key(ofDN: Array(entry.dn.utf8)))
        groups.add(entry, dn: dn, terms, &dns)
        guard case .memberOf(let attribute) = terms.way else { return }
        for group in entry.bytes(of: attribute) { addListed(group, of: dn) }
    }

    private mutating func addListed(_ group: [UInt8], of dn: Int32) {
        listed.add(dn, dns.intern(LDAPText.key(ofDN: group)))
    }

    /// Refuses each person who cannot be served, alone.
    func finished() -> DirectorySnapshot {
        DirectorySnapshot(
            terms: terms, people: people,
            walk: GroupWalk(terms: terms, groups: groups.finished(), listed: Links(listed), listFaults: listFaults),
            membershipCount: groups.membershipCount + listed.count, rejections: rejections)
    }
}
