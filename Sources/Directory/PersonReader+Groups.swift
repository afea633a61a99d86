// SPDX-License-Identifier: Apache-2.0

extension PersonReader {
    /// Nil where groups are not read. The primary group is among them: directories do not list its members.
    func groups(of entry: DirectoryEntry, named name: String, primary: Int?) throws(DirectoryError) -> GroupSet? {
        guard let terms = terms.groups else { return nil }
        var groups = GroupSet()
        if let primary {
            let filter = LDAPText.equality(terms.gid, String(primary))
            for group in try find(terms, filter) { try add(group, to: &groups, terms) }
        }
        switch terms.way {
        case .names(let attribute):
            for group in try find(terms, LDAPText.equality(attribute, name)) { try add(group, to: &groups, terms) }
        case .members(let attributes, let names):
            if let names {
                for group in try find(terms, LDAPText.equality(names, name)) { try add(group, to: &groups, terms) }
            }
            // What holds a group is nested, however that was found.
            let inner = terms.nestedDepth == 0 ? [] : groups.dns
            try follow(from: [entry.dn] + inner, in: &groups, terms) { dns throws(DirectoryError) in
                try find(terms, holding: dns, attributes)
            }
        case .memberOf(let attribute):
            let direct = try entry.texts(of: attribute) + groups.listed(attribute)
            try follow(from: direct, in: &groups, terms) { dns throws(DirectoryError) in try read(dns, terms) }
        }
        return groups
    }

    /// Breadth first, from one ring of groups to the next, each group once: circles end where they began.
    private func follow(
        from start: [String], in groups: inout GroupSet, _ terms: DirectoryTerms.Groups,
        to outer: ([String]) throws(DirectoryError) -> [DirectoryEntry]
    ) throws(DirectoryError) {
        var ring = start
        var depth = 0
        while !ring.isEmpty {
            let isBeyond = depth > terms.nestedDepth
            if isBeyond, terms.nestedDepth == 0 { return }
            let new = try outer(ring).filter { groups.isNew($0) }
            guard !isBeyond || new.isEmpty else { throw .nestedTooDeep(depth: terms.nestedDepth) }
            for group in new { try add(group, to: &groups, terms) }
            ring = nextRing(new, terms)
            depth += 1
        }
    }

    /// What stands around the groups just found: the groups themselves, whose holders are looked for, or those that
    /// they say they are in.
    private func nextRing(_ found: [DirectoryEntry], _ terms: DirectoryTerms.Groups) -> [String] {
        guard case .memberOf(let attribute) = terms.way else { return found.map(\.dn) }
        return found.flatMap { $0.bytes(of: attribute).map { String(decoding: $0, as: UTF8.self) } }
    }

    private func add(
        _ entry: DirectoryEntry, to groups: inout GroupSet, _ terms: DirectoryTerms.Groups
    ) throws(DirectoryError) {
        let id = try self.terms.gid(ofGroup: entry)
        try groups.add(entry, named: try entry.groupName(terms.name), id: id)
    }
}

// MARK: - Asking

extension PersonReader {
    /// So many DNs stand in one filter.
    private static let dnsMost = 50

    private func find(_ terms: DirectoryTerms.Groups, _ filter: String) throws(DirectoryError) -> [DirectoryEntry] {
        let found = try search(
            DirectorySearch(
                base: terms.base, filter: LDAPText.all(terms.filter, filter), attributes: attributes(terms)))
        return try whole(found, terms)
    }

    private func find(
        _ terms: DirectoryTerms.Groups, holding dns: [String], _ attributes: [String]
    ) throws(DirectoryError) -> [DirectoryEntry] {
        var found: [DirectoryEntry] = []
        for start in stride(from: 0, to: dns.count, by: Self.dnsMost) {
            let some = dns[start..<min(start + Self.dnsMost, dns.count)]
            let filters = some.flatMap { dn in attributes.map { LDAPText.equality($0, dn) } }
            found += try find(terms, LDAPText.any(filters))
        }
        return found
    }

    /// The entries themselves, where they lie below the base and are groups. One that is gone is not there: the list
    /// that named it is older.
    private func read(_ dns: [String], _ terms: DirectoryTerms.Groups) throws(DirectoryError) -> [DirectoryEntry] {
        let base = LDAPText.key(ofDN: terms.base)
        var found: [DirectoryEntry] = []
        for dn in dns where ("," + LDAPText.key(ofDN: dn)).hasSuffix("," + base) {
            guard found.count <= GroupSet.most else { throw .tooManyGroups(limit: GroupSet.most) }
            let search = DirectorySearch(
                base: dn, scope: .entry, filter: terms.filter, attributes: attributes(terms))
            do throws(DirectoryError) { found += try self.search(search) } catch {
                guard case .baseMissing = error else { throw error }
            }
        }
        return try whole(found, terms)
    }

    private func attributes(_ terms: DirectoryTerms.Groups) -> [String] {
        guard case .memberOf(let attribute) = terms.way else { return [terms.name, terms.gid] }
        return [terms.name, terms.gid, attribute]
    }

    private func whole(
        _ entries: [DirectoryEntry], _ terms: DirectoryTerms.Groups
    ) throws(DirectoryError) -> [DirectoryEntry] {
        var whole: [DirectoryEntry] = []
        for entry in entries { whole.append(try entry.withWholeRanges(of: attributes(terms), by: self)) }
        return whole
    }
}

extension DirectoryEntry {
    /// Of several names the one that the entry is called by; they have no order.
    func groupName(_ attribute: String) throws(DirectoryError) -> String {
        let names = try texts(of: attribute)
        let own = LDAPText.firstValue(of: attribute, inDN: dn)
        let name = names.count > 1 ? names.first { own?.elementsEqual($0.utf8) == true } : names.first
        guard let name, !name.isEmpty, name.utf8.count <= 256 else {
            throw .valueUnusable(
                attribute: attribute, entry: dn, reason: "has no single value that can be the group's name")
        }
        return name
    }
}
