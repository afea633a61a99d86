// SPDX-License-Identifier: Apache-2.0

/// All groups, and who is in which, by numbers of DNs and names.
struct GroupRecords {
    private let terms: DirectoryTerms
    private var names: [String] = []
    private var gids: [Int?] = []
    private var faults: [Int32: DirectoryError] = [:]
    /// By group: the DN's number.
    private var entries: [Int32] = []
    private var byGID: [Int: [Int32]] = [:]
    private var byDN: [Int32: Int32] = [:]

    /// Names that groups list, exactly as written.
    private var listedNames = InternTable()
    private var nameHolders = Links.Pairs()
    private var dnHolders = Links.Pairs()

    init(_ terms: DirectoryTerms) { self.terms = terms }

    var count: Int { entries.count }
    var membershipCount: Int { nameHolders.count + dnHolders.count }

    static func attributes(_ groups: DirectoryTerms.Groups) -> [String] {
        switch groups.way {
        case .names(let attribute): [groups.name, groups.gid, attribute]
        case .members(let attributes, let names): [groups.name, groups.gid] + attributes + [names].compactMap(\.self)
        case .memberOf(let attribute): [groups.name, groups.gid, attribute]
        }
    }

    /// - Parameter dns: where DNs of members get their numbers.
    mutating func add(_ entry: DirectoryEntry, dn: Int32, _ groups: DirectoryTerms.Groups, _ dns: inout InternTable) {
        let place = Int32(entries.count)
        // Read twice, since the directory changed meanwhile.
        guard byDN[dn] == nil else { return }
        byDN[dn] = place
        entries.append(dn)
        do throws(DirectoryError) {
            let gid = try terms.gid(ofGroup: entry)
            gids.append(gid)
            if let gid { byGID[gid, default: []].append(place) }
            names.append(try entry.groupName(groups.name))
        } catch {
            faults[place] = error
            if gids.count < entries.count { gids.append(nil) }
            names.append("")
        }
        addMembers(entry, place, groups, &dns)
    }

    private mutating func addMembers(
        _ entry: DirectoryEntry, _ place: Int32, _ groups: DirectoryTerms.Groups, _ dns: inout InternTable
    ) {
        switch groups.way {
        case .names(let attribute): addNames(entry.bytes(of: attribute), place)
        case .members(let attributes, let names):
            if let names { addNames(entry.bytes(of: names), place) }
            for attribute in attributes {
                for value in entry.bytes(of: attribute) { dnHolders.add(dns.intern(LDAPText.key(ofDN: value)), place) }
            }
        case .memberOf: break
        }
    }

    /// Blanks around a name mean nothing to a directory.
    private mutating func addNames(_ values: [[UInt8]], _ place: Int32) {
        let blank = UInt8(ascii: " ")
        for value in values {
            guard let first = value.firstIndex(where: { $0 != blank }) else { continue }
            let last = value.lastIndex { $0 != blank } ?? first
            nameHolders.add(listedNames.intern(value[first...last]), place)
        }
    }

    func finished() -> Groups {
        Groups(
            names: names, gids: gids, faults: faults, entries: entries, byGID: byGID, byDN: byDN,
            listedNames: listedNames, nameHolders: Links(nameHolders), dnHolders: Links(dnHolders))
    }

    /// The groups once all are there.
    struct Groups {
        let names: [String]
        let gids: [Int?]
        let faults: [Int32: DirectoryError]
        let entries: [Int32]
        let byGID: [Int: [Int32]]
        let byDN: [Int32: Int32]
        let listedNames: InternTable
        let nameHolders: Links
        let dnHolders: Links

        func listing(_ name: String) -> ArraySlice<Int32> { listedNames.find(name.utf8).map { nameHolders[$0] } ?? [] }
    }
}
