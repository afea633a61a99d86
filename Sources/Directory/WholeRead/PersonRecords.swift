// SPDX-License-Identifier: Apache-2.0

/// What entries of people say by themselves, a record for each name: an entry with two names is two people to a hub.
struct PersonRecords {
    private let terms: DirectoryTerms
    /// Name, DN, then what `put` adds.
    private var rows = TextRows()
    private var uids: [Int32] = []
    private var gids: [Int32] = []
    /// By record: the DN's number.
    private(set) var entries: [Int32] = []
    private var ids: [EntryID?] = []
    /// Whose entry cannot be used, by record; found before groups are looked at, or only after.
    private var faults: [Int: DirectoryError] = [:]
    private var lateFaults: [Int: DirectoryError] = [:]

    /// Who has a name, without capitals, and a number; to see what two entries share.
    private var names = InternTable()
    private var holdersOfNames: [Int32] = []
    private var ambiguous: Set<Int32> = []
    private var holdersOfUIDs: [Int: Int32] = [:]
    private var sharedUIDs: Set<Int> = []

    init(_ terms: DirectoryTerms) { self.terms = terms }

    var count: Int { entries.count }

    /// - Parameter dn: the number of the entry's DN.
    /// - Returns: why nobody has a name by it, where that is so.
    mutating func add(_ entry: DirectoryEntry, dn: Int32) -> DirectoryError? {
        noteUID(entry, dn)
        do throws(DirectoryError) {
            let written = try entry.texts(of: terms.people.name)
            for name in written { add(name, entry, dn) }
            guard written.isEmpty else { return nil }
            return .valueUnusable(attribute: terms.people.name, entry: entry.dn, reason: "is not there")
        } catch {
            return error
        }
    }

    private mutating func add(_ name: String, _ entry: DirectoryEntry, _ dn: Int32) {
        let place = entries.count
        noteName(name, dn)
        var numbers: (uid: Int, gid: Int)?
        do throws(DirectoryError) {
            guard terms.people.names.allows(name) else { throw .nameUnfit(entry: entry.dn) }
            numbers = try terms.ids(in: entry)
        } catch {
            faults[place] = error
        }
        var row: [String] = []
        do throws(DirectoryError) {
            row = try texts(entry, name, numbers)
        } catch {
            lateFaults[place] = error
        }
        rows.append([name, entry.dn] + row)
        uids.append(Int32(numbers?.uid ?? -1))
        gids.append(Int32(numbers?.gid ?? -1))
        ids.append(EntryID(entry))
        entries.append(dn)
    }

    /// Directories compare names without capitals and pass over blanks.
    private mutating func noteName(_ name: String, _ dn: Int32) {
        let key = name.lowercased().split(separator: " ").joined(separator: " ")
        let number = names.intern(key.utf8)
        if Int(number) == holdersOfNames.count {
            holdersOfNames.append(dn)
        } else if holdersOfNames[Int(number)] != dn {
            ambiguous.insert(number)
        }
    }

    /// Numbers are compared as such, and whoever has one counts, however unusable the entry is.
    private mutating func noteUID(_ entry: DirectoryEntry, _ dn: Int32) {
        guard terms.ids.use != .none, !terms.ids.mayBeShared else { return }
        for text in entry.bytes(of: terms.people.uid) {
            guard let uid = Int(String(decoding: text, as: UTF8.self)) else { continue }
            if let holder = holdersOfUIDs[uid], holder != dn { sharedUIDs.insert(uid) }
            holdersOfUIDs[uid] = dn
        }
    }
}

// MARK: - Records

extension PersonRecords {
    func name(_ place: Int) -> String { rows[place][0] }
    func id(_ place: Int) -> EntryID? { ids[place] }
    func numbers(_ place: Int) -> (uid: Int, gid: Int)? {
        uids[place] < 0 ? nil : (Int(uids[place]), Int(gids[place]))
    }

    /// Why the record's person is refused, groups left aside. In the order in which a look-up would say so.
    func fault(_ place: Int) -> DirectoryError? {
        let name = name(place)
        let key = name.lowercased().split(separator: " ").joined(separator: " ")
        if let number = names.find(key.utf8), ambiguous.contains(number) { return .ambiguous(name: name) }
        if let fault = faults[place] { return fault }
        guard let uid = numbers(place)?.uid, sharedUIDs.contains(uid) else { return nil }
        return .idShared(uid: uid, entry: rows[place][1])
    }

    /// What a look-up would say after the groups.
    func lateFault(_ place: Int) -> DirectoryError? { lateFaults[place] }

    /// A person without a fault.
    func person(_ place: Int, _ groups: GroupSum?) -> Person {
        let row = rows[place]
        let numbers = numbers(place)
        let hasAccount = numbers != nil && terms.accounts != nil
        let values = row.dropFirst(hasAccount ? 5 : 2)
        return Person(
            name: row[0], dn: row[1], numbers, groups, account: hasAccount ? account(row, numbers) : nil,
            attributes: zip(terms.people.attributes, values).map { .init(name: $0, values: Self.values($1)) })
    }

    /// Full name, home and shell of an account, where there is one; each attribute's values.
    private func texts(
        _ entry: DirectoryEntry, _ name: String, _ ids: (uid: Int, gid: Int)?
    ) throws(DirectoryError) -> [String] {
        let account = try terms.account(in: entry, named: name, ids)
        let attributes = try terms.attributes(in: entry)
        return (account.map { [$0.fullName, $0.home, $0.shell] } ?? []) + attributes.map { Self.text($0.values) }
    }

    private func account(_ row: [String], _ ids: (uid: Int, gid: Int)?) -> Account? {
        guard let ids else { return nil }
        // It was one when it was put there.
        return try? Account(
            name: row[0], uid: ids.uid, gid: ids.gid, fullName: row[2], home: row[3], shell: row[4])
    }

    /// A control character begins each: none is in a value that was read.
    private static func text(_ values: [String]) -> String { values.map { "\u{1}\($0)" }.joined() }

    private static func values(_ text: String) -> [String] {
        text.utf8.split(separator: 1, omittingEmptySubsequences: false).dropFirst().map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
