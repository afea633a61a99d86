// SPDX-License-Identifier: Apache-2.0

/// Why a change does not fit what is there; with the place as an RFC 6901 pointer.
package enum FieldMergeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// `$max` or `$min` met something that is no number and no size.
    case notComparable(String, String)
    /// An entry of a list with names has none; the key that holds the name.
    case noName(String, String)
    case notAList(String)
    /// A mapping of named entries holds something that is no entry.
    case notAnEntry(String)
    /// A word that says nothing of one entry.
    case wordBeforeEntry(String, String)

    package var description: String {
        switch self {
        case .notComparable(let pointer, let value): "\(pointer): \"\(value)\" cannot be compared as a number or size"
        case .noName(let pointer, let key): "\(pointer): an entry has no `\(key)`"
        case .notAList(let pointer): "\(pointer): a list is expected"
        case .notAnEntry(let pointer): "\(pointer): an entry must be a mapping"
        case .wordBeforeEntry(let pointer, let word):
            "\(pointer): `\(word)` cannot stand before one entry; `$default` and `$replace` can"
        }
    }
}
