// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// How many bytes the value is written in, exact where nothing needs an escape.
    var sizeGuess: Int {
        switch storage {
        case .null, .bool: 5
        case .number(let spelling): spelling.utf8.count
        case .string(let text): text.utf8.count + 2
        case .array(let elements): elements.reduce(2) { $0 + $1.sizeGuess + 1 }
        case .object(let object): object.members.reduce(2) { $0 + $1.key.utf8.count + 4 + $1.value.sizeGuess }
        case .slice(let slice): slice.range.count
        case .revised(let revised): revised.revision.sizeGuess
        case .joined(let list): list.first.range.count + list.second.range.count
        case .extended(let list): list.added.reduce(list.parsed.range.count) { $0 + $1.sizeGuess + 1 }
        }
    }
}
