// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// The ways of merging that a change names, each the only key of a mapping: `{$max: 8Gi}`.
package enum FieldWord: String, Sendable, CaseIterable {
    case append = "$append"
    case prepend = "$prepend"
    case replace = "$replace"
    case remove = "$remove"
    /// Only where nothing is.
    case standard = "$default"
    /// Raises only.
    case max = "$max"
    /// Lowers only.
    case min = "$min"

    /// Whether it can stand before one entry of a list with names, such as a variable.
    package var suitsOneEntry: Bool {
        switch self {
        case .replace, .standard: true
        case .append, .prepend, .remove, .max, .min: false
        }
    }

    /// The word of a mapping that is one, with what it is about.
    package static func of(_ json: JSON) -> (word: FieldWord, value: JSON)? {
        guard json.kind == .object, let object = json.object, object.count == 1,
            let only = object.first(where: { _ in true }),
            let word = FieldWord(rawValue: only.key)
        else { return nil }
        return (word, only.value)
    }

    /// A key as a change spells it: one that begins with `$` gets a second one, so that data never is a word.
    package static func escaped(_ key: String) -> String { key.utf8.first == UInt8(ascii: "$") ? "$" + key : key }

    static func unescaped(_ key: String) -> String { key.hasPrefix("$$") ? String(key.dropFirst()) : key }
}
