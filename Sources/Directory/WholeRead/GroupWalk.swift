// SPDX-License-Identifier: Apache-2.0

/// The groups of a person among all that were read: what `PersonReader.groups` asks a server, step by step.
struct GroupWalk {
    let terms: DirectoryTerms
    let groups: GroupRecords.Groups
    let listed: Links
    let listFaults: [Int32: DirectoryError]

    /// Nil where groups are not read.
    ///
    /// - Parameter dn: the number of the entry's DN.
    func sum(of dn: Int32, named name: String, primary: Int?) throws(DirectoryError) -> GroupSum? {
        guard let terms = terms.groups else { return nil }
        var found = Found(groups)
        for group in primary.flatMap({ groups.byGID[$0] }) ?? [] { try found.add(group) }
        switch terms.way {
        case .names:
            for group in groups.listing(name) { try found.add(group) }
        case .members(_, let names):
            if names != nil { for group in groups.listing(name) { try found.add(group) } }
            let inner = terms.nestedDepth == 0 ? [] : found.dns
            try follow(from: [dn] + inner, in: &found, terms.nestedDepth) { groups.dnHolders[$0][...] }
        case .memberOf:
            if let fault = listFaults[dn] { throw fault }
            try follow(from: [dn] + found.dns, in: &found, terms.nestedDepth) { one in
                // A group that is gone, elsewhere or no group for the filter is none.
                listed[one].compactMap { groups.byDN[$0] }[...]
            }
        }
        return found.sum
    }

    /// Breadth first, from one ring of DNs to the groups around it, each group once: circles end where they began.
    private func follow(
        from start: [Int32], in found: inout Found, _ depthMost: Int, to outer: (Int32) -> ArraySlice<Int32>
    ) throws(DirectoryError) {
        var ring = start
        var depth = 0
        while !ring.isEmpty {
            let isBeyond = depth > depthMost
            if isBeyond, depthMost == 0 { return }
            var new: [Int32] = []
            for dn in ring { for group in outer(dn) where found.isNew(group) { new.append(group) } }
            guard !isBeyond || new.isEmpty else { throw .nestedTooDeep(depth: depthMost) }
            for group in new { try found.add(group) }
            ring = new.map { groups.entries[Int($0)] }
            depth += 1
        }
    }

    private struct Found {
        private let groups: GroupRecords.Groups
        private var seen: Set<Int32> = []
        private(set) var sum = GroupSum()
        private(set) var dns: [Int32] = []

        init(_ groups: GroupRecords.Groups) { self.groups = groups }

        func isNew(_ group: Int32) -> Bool { !seen.contains(group) }

        mutating func add(_ group: Int32) throws(DirectoryError) {
            guard isNew(group) else { return }
            if let fault = groups.faults[group] { throw fault }
            seen.insert(group)
            guard seen.count <= GroupSet.most else { throw .tooManyGroups(limit: GroupSet.most) }
            dns.append(groups.entries[Int(group)])
            sum.add(groups.names[Int(group)], id: groups.gids[Int(group)])
        }
    }
}
