// SPDX-License-Identifier: Apache-2.0

extension Kind {
    /// What a value must be, for the sentence "must be …".
    var words: String {
        switch self {
        case .text: "text"
        case .name(let names): names.words
        case .flag: "true or false"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .span: Span.words
        case .memory: MemorySize.words
        case .file: "the path of a file"
        case .oneOf(let words): words.map { "`\($0)`" }.joined(separator: " or ")
        case .anything: "a value"
        case .object: "a mapping"
        case .list(let element, _): "a list (\(element.words))"
        case .table: "a mapping of names"
        case .shape(let shape): "a mapping with keys such as \(shape().examples)"
        case .rule: "a rule such as `{role: staff}`"
        case .either(let kinds): kinds.map(\.words).joined(separator: ", or ")
        }
    }

    /// What to write instead; empty where `words` says it all.
    func remedy(for item: Item) -> String {
        guard let scalar = item.scalar else { return remedyForSeveral(item) }
        switch (self, scalar.resolved) {
        case (.text, .bool), (.name, .bool), (.file, .bool), (.oneOf, .bool), (.text, .null), (.name, .null):
            return "Put quotes around it if that is the word: \"\(scalar.text)\"."
        case (.flag, .text): return "Write true or false without quotes."
        case (.integer, .text): return "Write digits without quotes and without a unit."
        case (.list, .text): return "Write a list: `[\(scalar.text.prefix(60))]`."
        case (.rule, .text): return "Write `{role: …}`, `{group: …}`, `{user: …}` or another test."
        default: return ""
        }
    }

    /// One test of a rule takes one word.
    private func remedyForSeveral(_ item: Item) -> String {
        guard item.isList, let word = item.path.lastKey else { return "" }
        let isTest = ["role", "group", "entitlement", "user", "deployment"].contains(word)
        return isTest ? "For several, write `any: [{\(word): …}, {\(word): …}]`." : ""
    }

    /// Whether the value has this kind's outer form: scalar, list or mapping.
    func fits(_ item: Item) -> Bool {
        switch self {
        case .list: item.isList
        case .object, .table, .shape: item.isMapping
        case .rule: item.isList || item.isMapping
        case .anything: true
        case .flag: if case .bool? = item.scalar?.resolved { true } else { false }
        case .either(let kinds): kinds.contains { $0.fits(item) }
        default: item.scalar != nil
        }
    }
}

extension Shape {
    fileprivate var examples: String {
        let names = keys.filter(\.isRequired) + keys.filter { !$0.isRequired && $0.notYet == nil }
        return names.prefix(3).map { "`\($0.name)`" }.joined(separator: ", ")
    }
}

extension Item {
    /// What stands there, for the sentence "must be …, not …".
    var given: String {
        guard let scalar else { return kindWords }
        return scalar.resolved == .null ? "empty" : "\(kindWords) \(quoted(scalar.text))"
    }

    var kindWords: String {
        switch scalar?.resolved {
        case nil: isList ? "a list" : "a mapping"
        case .null: "empty"
        case .bool: "the boolean"
        case .integer, .number, .unsayable: "the number"
        case .text: "the text"
        }
    }
}
