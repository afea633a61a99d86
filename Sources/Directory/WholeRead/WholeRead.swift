// SPDX-License-Identifier: Apache-2.0

/// Reads all people and groups, page by page, to a snapshot; or throws, and then nothing is known.
///
/// The pages are not of one moment: what changes while they are read is seen before or after, and whole at the next
/// read.
struct WholeRead {
    private static let attemptsMost = 3
    /// Far more than any site has: a server that never ends is stopped before the memory is.
    private static let entriesMost = 2_000_000

    private let reader: PersonReader
    private let session: any PagedSession
    private let sync: SyncTerms
    private var pageSize: Int
    private var terms: DirectoryTerms { reader.terms }

    init(_ session: any PagedSession, _ terms: DirectoryTerms, _ sync: SyncTerms, until deadline: Deadline) {
        self.session = session
        self.sync = sync
        reader = PersonReader(session: session, terms: terms, deadline: deadline)
        pageSize = sync.pageSize
    }

    /// - Throws: where anything is missing. A server that loses its place is asked again from the start, a few times.
    mutating func snapshot() throws(DirectoryError) -> DirectorySnapshot {
        for _ in 0..<Self.attemptsMost {
            var draft = SnapshotDraft(terms)
            if try readPeople(&draft), try readGroups(&draft) { return draft.finished() }
        }
        throw .unreadable(server: session.server, reason: "it lost its place between pages, again and again")
    }

    private mutating func readPeople(_ draft: inout SnapshotDraft) throws(DirectoryError) -> Bool {
        let search = DirectorySearch(
            base: terms.people.base, filter: terms.people.filter,
            attributes: terms.attributesOfPeople + EntryID.attributes)
        return try readPages(search, listsOf: terms.listOfPeople) { entry throws(DirectoryError) in
            draft.add(person: entry)
        }
    }

    private mutating func readGroups(_ draft: inout SnapshotDraft) throws(DirectoryError) -> Bool {
        guard let groups = terms.groups else { return true }
        let attributes = GroupRecords.attributes(groups)
        let search = DirectorySearch(base: groups.base, filter: groups.filter, attributes: attributes)
        return try readPages(search, listsOf: attributes) { entry throws(DirectoryError) in
            draft.add(group: entry, groups)
        }
    }

    /// - Parameter listsOf: the attributes whose values may come in pieces.
    private mutating func readPages(
        _ search: DirectorySearch, listsOf attributes: [String],
        _ add: (DirectoryEntry) throws(DirectoryError) -> Void
    ) throws(DirectoryError) -> Bool {
        let (reader, session) = (reader, session)
        var count = 0
        var size = pageSize
        defer { pageSize = size }
        let isWhole = try session.pages(search, size: &size, within: sync.pageTimeout, until: reader.deadline) {
            entry throws(DirectoryError) in
            count += 1
            guard count <= Self.entriesMost else {
                throw .unreadable(server: session.server, reason: "more than \(Self.entriesMost) entries")
            }
            try add(try entry.withWholeRanges(of: attributes, by: reader))
        }
        // Whom access rules let see nothing is told of no error; then the base is hidden too.
        if isWhole, count == 0 { try reader.refuseBlindness(at: search.base) }
        return isWhole
    }
}

extension DirectoryTerms {
    fileprivate var listOfPeople: [String] {
        if case .memberOf(let attribute) = groups?.way { [attribute] } else { [] }
    }
}
