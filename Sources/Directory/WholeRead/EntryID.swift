// SPDX-License-Identifier: Apache-2.0

/// What stays the same of an entry when all else changes: `entryUUID` (RFC 4530), or Active Directory's `objectGUID`.
package struct EntryID: Sendable, Hashable {
    let high: UInt64
    let low: UInt64

    static let attributes = ["entryUUID", "objectGUID"]

    /// Nil where the server tells neither.
    init?(_ entry: DirectoryEntry) {
        let written = entry.bytes(of: "entryUUID").first.flatMap(Self.bytes) ?? entry.bytes(of: "objectGUID").first
        guard let written, written.count == 16 else { return nil }
        high = written[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = written[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }

    init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// RFC 4122's form: hexadecimal with four hyphens.
    private static func bytes(_ text: [UInt8]) -> [UInt8]? {
        let digits = text.filter { $0 != UInt8(ascii: "-") }.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: 32, by: 2) {
            guard let first = digits[place], let second = digits[place + 1] else { return nil }
            bytes.append(UInt8(first << 4 | second))
        }
        return bytes
    }
}

/// Somebody's number is no longer whose it was: files on shared storage may be another's.
package enum IdentityChange: Sendable, Hashable {
    /// Another entry has the number now.
    case uidReused(uid: Int, before: String, now: String)
    /// The same entry has another number now.
    case uidChanged(name: String, before: Int, now: Int)
}

/// Whose number is whose, kept from one read to the next.
package struct Identities: Sendable {
    private var ids: [EntryID: (uid: Int, name: String)] = [:]

    package init() {}

    mutating func add(_ id: EntryID, uid: Int, name: String) { ids[id] = (uid, name) }

    package var count: Int { ids.count }

    /// What is otherwise than before, each kind in the order of numbers. Who left and whose number nobody has is no change.
    package func changes(since before: Identities) -> [IdentityChange] {
        let holders = Dictionary(before.ids.map { ($0.value.uid, $0) }) { first, _ in first }
        var changed: [(uid: Int, change: IdentityChange)] = []
        var reused: [(uid: Int, change: IdentityChange)] = []
        for (id, now) in ids {
            if let then = before.ids[id], then.uid != now.uid {
                changed.append((now.uid, .uidChanged(name: now.name, before: then.uid, now: now.uid)))
            }
            if let holder = holders[now.uid], holder.key != id {
                reused.append((now.uid, .uidReused(uid: now.uid, before: holder.value.name, now: now.name)))
            }
        }
        return [changed, reused].flatMap { $0.sorted { $0.uid < $1.uid } }.map(\.change)
    }
}
