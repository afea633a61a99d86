// SPDX-License-Identifier: Apache-2.0

extension DirectoryEntry {
    /// The number, within bounds; nil where the entry has none.
    func id(_ attribute: String, within range: ClosedRange<Int>) throws(DirectoryError) -> Int? {
        guard let text = try text(of: attribute) else { return nil }
        guard let digits = Self.digits(text) else {
            throw .idUnusable(attribute: attribute, value: text, entry: dn)
        }
        // What does not fit an Int is out of any range.
        guard let number = Int(digits), range.contains(number), !ReservedIDs.contains(number) else {
            throw .idOutOfRange(attribute: attribute, value: text, entry: dn)
        }
        return number
    }

    /// ASCII digits, perhaps behind a minus sign; leading zeros are no number of another base.
    private static func digits(_ text: String) -> String? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return text
    }
}

/// Ids that mean something else than a person or their group, whatever range is configured.
enum ReservedIDs {
    /// Root; nobody and its 16-bit neighbour; -1 in 32 bits, which system calls take for "leave it as it is".
    static func contains(_ id: Int) -> Bool { [0, 65_534, 65_535, 4_294_967_295].contains(id) }
}
