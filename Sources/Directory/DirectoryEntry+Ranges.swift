// SPDX-License-Identifier: Apache-2.0

// Active Directory gives 1,500 values of an attribute at most, under the name `memberOf;range=0-1499`, and leaves the
// plain name empty: taken as it stands, a person in many groups would be in none (MS-ADTS section 3.1.1.3.1.3.3).

extension DirectoryEntry {
    private static let roundsMost = 64

    /// The entry with all values of `attributes` under their plain names.
    func withWholeRanges(of attributes: [String], by reader: PersonReader) throws(DirectoryError) -> DirectoryEntry {
        var whole = self
        for attribute in attributes where range(of: attribute) != nil {
            whole.values[attribute.lowercased()] = try allValues(of: attribute, by: reader)
        }
        return whole
    }

    private func allValues(of attribute: String, by reader: PersonReader) throws(DirectoryError) -> [[UInt8]] {
        var values: [[UInt8]] = []
        var page = self
        for _ in 0..<Self.roundsMost {
            guard let range = page.range(of: attribute), range.first == values.count else { break }
            values += page.bytes(of: range.description)
            guard let last = range.last else { return values }
            guard last >= range.first, values.count == last + 1 else { break }
            page = try next(attribute, from: last + 1, by: reader)
        }
        throw .unreadable(
            server: reader.session.server, reason: "the values of \(attribute) come in pieces that do not fit together")
    }

    private func next(
        _ attribute: String, from first: Int, by reader: PersonReader
    ) throws(DirectoryError) -> DirectoryEntry {
        let search = DirectorySearch(
            base: dn, scope: .entry, filter: "(objectClass=*)", attributes: ["\(attribute);range=\(first)-*"])
        guard let page = try reader.search(search).first else {
            throw .unreadable(server: reader.session.server, reason: "the entry \(quoted(dn)) is gone meanwhile")
        }
        return page
    }

    private struct ValueRange {
        /// `memberof;range=0-1499`
        let description: String
        let first: Int
        /// Nil where all that is left is here: `1500-*`.
        let last: Int?
    }

    private func range(of attribute: String) -> ValueRange? {
        let opening = "\(attribute.lowercased());range="
        guard let description = values.keys.first(where: { $0.hasPrefix(opening) }) else { return nil }
        let ends = description.dropFirst(opening.count).split(separator: "-", maxSplits: 1)
        guard ends.count == 2, let first = Int(ends[0]), ends[1] == "*" || Int(ends[1]) != nil else { return nil }
        return ValueRange(description: description, first: first, last: Int(ends[1]))
    }
}
