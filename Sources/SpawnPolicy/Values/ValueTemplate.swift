// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// A value of a `set` block with its references, read once.
package indirect enum ValueTemplate: Sendable, Hashable {
    /// Without references.
    case literal(JSON)
    /// A reference alone: it keeps its type.
    case whole(Reference, ValuePlace)
    case text(TextTemplate)
    case list([ValueTemplate])
    case object([Member])

    /// Most bytes of all that one start sets.
    package static let bytesMax = 262_144

    package struct Member: Sendable, Hashable {
        package let key: TextTemplate
        package let value: ValueTemplate

        package init(key: TextTemplate, value: ValueTemplate) {
            self.key = key
            self.value = value
        }
    }

    /// A text, with or without references.
    package init(parsing text: String, at place: ValuePlace, names: Reference.Names) throws(TemplateFault) {
        let template = try TextTemplate(parsing: text, at: place, names: names)
        switch (template.parts.count, template.parts.first) {
        case (1, .reference(let reference)): self = .whole(reference, place)
        case (0, _): self = .literal("")
        case (1, .literal(let text)): self = .literal(JSON(text))
        default: self = .text(template)
        }
    }

    /// A mapping; without references it is one literal.
    package init(members: [Member]) {
        let whole = members.compactMap { member -> (String, JSON)? in
            guard case .literal(let json) = member.value, let key = member.key.literal else { return nil }
            return (key, json)
        }
        guard whole.count == members.count else {
            self = .object(members)
            return
        }
        self = .literal(JSON(JSONObject(uniqueMembers: whole)).packed)
    }

    /// A list; without references it is one literal.
    package init(elements: [ValueTemplate]) {
        let literals = elements.compactMap { if case .literal(let json) = $0 { json } else { nil } }
        self = literals.count == elements.count ? .literal(JSON(literals).packed) : .list(elements)
    }

    /// Whether anything in it depends on the match of a `for_each`.
    var isOfMatch: Bool {
        switch self {
        case .literal: false
        case .whole(let reference, _): reference.isOfMatch
        case .text(let text): text.isOfMatch
        case .list(let elements): elements.contains(where: \.isOfMatch)
        case .object(let members): members.contains { $0.key.isOfMatch || $0.value.isOfMatch }
        }
    }

    /// The keys of a mapping that have no references.
    var names: [String] {
        switch self {
        case .literal(let json): json.keys
        case .object(let members): members.compactMap(\.key.literal)
        case .whole, .text, .list: []
        }
    }

    /// All references in it.
    package var references: [Reference] {
        switch self {
        case .literal: []
        case .whole(let reference, _): [reference]
        case .text(let text): text.references
        case .list(let elements): elements.flatMap(\.references)
        case .object(let members): members.flatMap { $0.key.references + $0.value.references }
        }
    }
}

/// Text with references in it.
package struct TextTemplate: Sendable, Hashable {
    let parts: [Part]
    let place: ValuePlace

    enum Part: Sendable, Hashable {
        case literal(String)
        case reference(Reference)
    }

    /// `${…}` is a reference, `$${` the text `${`; any other `$` stands for itself.
    package init(parsing text: String, at place: ValuePlace, names: Reference.Names) throws(TemplateFault) {
        var parts: [Part] = []
        var literal = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "${") {
            let before = rest[..<open.lowerBound]
            if before.last == "$" {
                literal += before.dropLast() + "${"
                rest = rest[open.upperBound...]
                continue
            }
            guard let close = rest[open.upperBound...].closingBrace else {
                throw TemplateFault(
                    what: "\(quoted(text)) has `${` without `}`",
                    remedy: "Close it, or write `$${` for the text itself.")
            }
            literal += before
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            parts.append(.reference(try Reference(parsing: String(rest[open.upperBound..<close]), names: names)))
            rest = rest[rest.index(after: close)...]
        }
        literal += rest
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
        self.place = place
    }

    /// The text, where it has no references.
    package var literal: String? {
        switch (parts.count, parts.first) {
        case (0, _): ""
        case (1, .literal(let text)): text
        default: nil
        }
    }

    var isOfMatch: Bool { references.contains(where: \.isOfMatch) }

    package var references: [Reference] {
        parts.compactMap { if case .reference(let reference) = $0 { reference } else { nil } }
    }
}

extension Substring {
    /// The first `}` outside quotation marks.
    fileprivate var closingBrace: Index? {
        var isQuoted = false
        return indices.first { place in
            if self[place] == "\"" { isQuoted.toggle() }
            return self[place] == "}" && !isQuoted
        }
    }
}
