// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Holds a tree against the language: keys that it does not know, that are missing, and values of the wrong kind. What
/// passes can be read without asking again; what does not is left out by the readers, so that one slip is one fault.
struct ShapeCheck {
    var findings: Findings

    static func check(_ root: Item, _ findings: inout Findings) {
        var check = ShapeCheck(findings: findings)
        check.check(root, is: .shape(Language.site))
        findings = check.findings
    }

    mutating func check(_ item: Item, is kind: Kind) {
        switch kind {
        case .shape(let shape): check(item, has: shape())
        case .rule: checkRule(item)
        case .list(let element, let atLeast): check(item, isListOf: element, atLeast: atLeast)
        case .table(let value, let names): check(item, isTableOf: value, names)
        case .either(let kinds): check(item, isOneOf: kinds)
        case .object: if !item.isMapping { wrongKind(item, kind) } else { checkSayable(item) }
        case .anything: checkSayable(item)
        default: checkScalar(item, kind)
        }
    }

    mutating func fault(_ item: Item, _ what: String, _ remedy: String = "", atKey: Bool = false) {
        let place = atKey ? item.keyPlace : item.place
        findings.fault(Fault(at: place, path: item.path.description, what: what, remedy: remedy))
    }
}

// MARK: - Collections

extension ShapeCheck {
    private mutating func check(_ item: Item, has shape: Shape) {
        guard item.isMapping else { return wrongKind(item, .shape(shape)) }
        var named: Set<String> = []
        for (name, member) in item.members {
            if let key = shape.key(name) {
                named.insert(name)
                check(member, key)
            } else if let meant = unknown(name, member, shape) {
                named.insert(meant)
            }
        }
        // A key that is missing because it is misspelled is told once.
        for key in shape.keys where key.isRequired && !named.contains(key.name) {
            fault(item, "`\(key.name)` is missing", key.about)
        }
    }

    private mutating func check(_ member: Item, _ key: Key) {
        if let instead = key.notYet {
            return fault(member, "`\(key.name)` is not yet supported", instead, atKey: true)
        }
        guard member.isNull else { return check(member, is: key.kind) }
        if !key.mayBeNull {
            let remedy = "Give it \(key.kind.words)" + (key.isRequired ? "." : ", or leave the key out.")
            fault(member, "has no value", remedy, atKey: true)
        }
    }

    private mutating func check(_ item: Item, isListOf element: Kind, atLeast: Int) {
        guard item.isList else { return wrongKind(item, .list(of: element, atLeast: atLeast)) }
        if item.elements.count < atLeast { fault(item, "is an empty list", "Give it at least one entry.") }
        for one in item.elements { check(one, is: element) }
    }

    private mutating func check(_ item: Item, isTableOf value: Kind, _ names: NameRule) {
        guard item.isMapping else { return wrongKind(item, .table(of: value, keys: names)) }
        for (name, member) in item.members {
            if !names.allows(name) {
                fault(member, "\(quoted(name)) is not a good name", "Write \(names.words).", atKey: true)
            }
            check(member, is: value)
        }
    }

    private mutating func check(_ item: Item, isOneOf kinds: [Kind]) {
        if let kind = kinds.first(where: { $0.fits(item) }) { return check(item, is: kind) }
        wrongKind(item, .either(kinds))
    }

    private mutating func checkRule(_ item: Item) {
        if item.isMapping { return check(item, has: Language.rule) }
        if item.isList { return check(item, isListOf: .rule, atLeast: 0) }
        wrongKind(item, .rule)
    }

    /// JSON has no `.inf` and no `.nan`, and we have no integer beyond 64 bits.
    private mutating func checkSayable(_ item: Item) {
        if item.scalar?.resolved == .unsayable { fault(item, "is a number that JSON cannot say", "Quote it.") }
        for element in item.elements { checkSayable(element) }
        for (_, member) in item.members { checkSayable(member) }
    }
}

// MARK: - Unknown keys

extension ShapeCheck {
    /// The known key that was meant, where that is plain.
    private mutating func unknown(_ name: String, _ member: Item, _ shape: Shape) -> String? {
        guard !findings.areFull else { return nil }
        if let secret = inlineSecret(name, member) {
            findings.fault(secret)
            return nil
        }
        let known = shape.keys.map(\.name)
        let what = "`\(oneLine(name))` is not known here"
        if let (ours, key) = ForeignKeys.remedy(name, in: shape) {
            fault(member, what, ours, atKey: true)
            return key
        }
        let meant = nearest(to: name, among: known)
        let question = meant.map { "; did you mean `\($0)`?" } ?? ""
        fault(member, what + question, "Known keys: \(known.sorted().joined(separator: ", ")).", atKey: true)
        return meant
    }

    /// A secret in the file, whatever its key: said so without repeating it.
    private func inlineSecret(_ name: String, _ member: Item) -> Fault? {
        guard SecretWords.match(name), member.scalar != nil else { return nil }
        let remedy =
            "Put it into a file that only Berth can read and name that with `hook_token_file`, or name an "
            + "environment variable with `hook_token_env`."
        return Fault(
            at: member.keyPlace, path: member.path.description, what: "a secret may not stand in this file",
            remedy: remedy)
    }
}

// MARK: - Scalars

extension ShapeCheck {
    private mutating func checkScalar(_ item: Item, _ kind: Kind) {
        guard let scalar = item.scalar else { return wrongKind(item, kind) }
        switch (kind, scalar.resolved) {
        case (.flag, .bool), (.anything, _): return
        case (.flag, _): wrongKind(item, kind)
        case (.integer(let range), .integer(let number)): check(item, number, range)
        case (.integer, _): wrongKind(item, kind)
        case (_, .null), (_, .bool): wrongKind(item, kind)
        case (.span, _): checkSpan(item, scalar.text)
        case (.memory, _): checkMemory(item, scalar.text)
        case (.oneOf(let words), _): check(item, scalar.text, words)
        case (.name(let names), _): check(item, scalar.text, names)
        default: checkText(item, scalar.text)
        }
    }

    private mutating func check(_ item: Item, _ number: Int, _ range: ClosedRange<Int>) {
        guard !range.contains(number) else { return }
        fault(
            item, "\(number) is out of range", "Write a whole number from \(range.lowerBound) to \(range.upperBound).")
    }

    private mutating func checkSpan(_ item: Item, _ text: String) {
        guard Duration(span: text) == nil else { return }
        let meant = Span.suggestion(for: text).map { " Here probably `\($0)`." } ?? ""
        fault(
            item, "\(quoted(text)) is not a span",
            "Write whole numbers with d, h, m or s, such as `90m`, `8h`, `1h30m` or `7d`.\(meant)")
    }

    private mutating func checkMemory(_ item: Item, _ text: String) {
        guard MemorySize.parse(text) == nil else { return }
        let meant = MemorySize.suggestion(for: text).map { " Here probably `\($0)`." } ?? ""
        fault(
            item, "\(quoted(text)) is not a size of GPU memory",
            "Write a whole number with Mi, Gi or Ti, such as `20Gi` or `512Mi`.\(meant)")
    }

    private mutating func check(_ item: Item, _ text: String, _ words: [String]) {
        guard !words.contains(text) else { return }
        let all = words.map { "`\($0)`" }.joined(separator: ", ")
        let meant = nearest(to: text, among: words).map { "Did you mean `\($0)`? " } ?? ""
        fault(item, "\(quoted(text)) is not possible here", "\(meant)Possible: \(all).")
    }

    private mutating func check(_ item: Item, _ text: String, _ names: NameRule) {
        if !names.allows(text) {
            fault(item, "\(quoted(text)) is not a good name", "Write \(names.words), at most \(names.most) of them.")
        }
    }

    private mutating func checkText(_ item: Item, _ text: String) {
        if text.isEmpty { fault(item, "is empty", "Write a word, or leave the key out.") }
    }

    private mutating func wrongKind(_ item: Item, _ kind: Kind) {
        // A secret that stands where it must not is not repeated.
        let isSecret = item.path.lastKey.map(SecretWords.match) ?? false
        let given = isSecret ? item.kindWords : item.given
        fault(item, "must be \(kind.words), not \(given)", kind.remedy(for: item))
    }
}
