// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What a rule's `set` is applied once for: names that fit a pattern, or elements of a claim.
package struct ForEach: Sendable {
    package let source: Source

    package enum Source: Sendable {
        case names(Rule.Names, NamePattern)
        /// Only those elements that meet the rule, whose claims begin at the element.
        case claim([String], where: Rule?)
    }

    package init(_ source: Source) { self.source = source }

    /// Most matches of one rule.
    package static let matchesMax = 256

    /// What may be referred to.
    package var captures: Set<String> {
        switch source {
        case .names(_, let pattern): Set(pattern.captures)
        case .claim: []
        }
    }
}

/// One thing that a `for_each` found.
enum Match {
    case name(String, captures: [String: String])
    case element(JSON)
}

extension ForEach {
    /// In the byte order of names and elements, whatever the order of the claim; each once.
    func matches(_ evaluation: Evaluation) throws(ValueError) -> [Match] {
        let matches: [Match]
        switch source {
        case .names(let kind, let pattern):
            matches = evaluation.names(kind).compactMap { name in
                pattern.captures(of: name).map { .name(name, captures: $0) }
            }
        case .claim(let path, let rule):
            let found = evaluation.value(at: path)
            let elements = (found?.array ?? found.map { [$0] } ?? []).filter { element in
                rule.map { evaluation.allows($0, of: element) } ?? true
            }
            matches = Dictionary(elements.map { ($0.text, $0) }) { first, _ in first }
                .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { .element($0.value) }
        }
        if matches.count > Self.matchesMax { throw .tooManyMatches }
        return matches
    }
}

extension Subject {
    /// The same person with other claims.
    func seen(as claims: JSON) -> Subject {
        Subject(
            name: name, isAdmin: isAdmin, deployment: deployment, roles: roles, groups: groups,
            entitlements: entitlements, claims: claims, posix: posix)
    }
}

/// `/projects/{project}/staff`: literal text with named parts between, each one or more characters without a slash.
package struct NamePattern: Sendable, Hashable {
    package let captures: [String]
    /// What stands before, between and behind the captures: one more than they are.
    private let literals: [[UInt8]]

    /// - Parameter foldsCase: whether names come in small letters, so that the literal text must.
    package init(parsing text: String, foldsCase: Bool = false) throws(TemplateFault) {
        var captures: [String] = []
        var literals: [[UInt8]] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw TemplateFault(what: "\(quoted(text)) has a brace without its partner", remedy: "")
            }
            let name = String(rest[rest.index(after: open)..<close])
            guard Self.isName(name), !captures.contains(name) else {
                throw TemplateFault(
                    what: "\(quoted(name)) cannot name a part of the pattern",
                    remedy: "Write a word of letters, digits and `_`, each once, such as `{project}`.")
            }
            let literal = Array(rest[..<open].utf8)
            guard captures.isEmpty || !literal.isEmpty else {
                throw TemplateFault(
                    what: "\(quoted(text)) has two parts with nothing between them",
                    remedy: "Nothing says where one ends.")
            }
            captures.append(name)
            literals.append(literal)
            rest = rest[rest.index(after: close)...]
        }
        literals.append(Array(rest.utf8))
        self.captures = captures
        self.literals =
            foldsCase ? literals.map { Array(String(decoding: $0, as: UTF8.self).lowercased().utf8) } : literals
    }

    private static func isName(_ name: String) -> Bool {
        let reserved = [
            "user", "claims", "deployment", "server", "profile", "image", "value", "options", "spawner", "maps",
        ]
        let isWord = name.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") }
        return !name.isEmpty && isWord && !(reserved + ["objects", "calls", "each"]).contains(name)
    }

    /// Nil unless the whole name fits. Each part ends where the text behind it is first found; linear.
    func captures(of name: String) -> [String: String]? {
        let bytes = Array(name.utf8)
        guard bytes.starts(with: literals[0]) else { return nil }
        var found: [String: String] = [:]
        var start = literals[0].count
        for (place, capture) in captures.enumerated() {
            guard let end = end(of: place, from: start, in: bytes), end > start else { return nil }
            let part = bytes[start..<end]
            guard !part.contains(UInt8(ascii: "/")) else { return nil }
            found[capture] = String(decoding: part, as: UTF8.self)
            start = end + literals[place + 1].count
        }
        return start == bytes.count ? found : nil
    }

    private func end(of place: Int, from start: Int, in bytes: [UInt8]) -> Int? {
        let literal = literals[place + 1]
        if place == captures.count - 1 {
            let end = bytes.count - literal.count
            return end >= start && bytes[end...].elementsEqual(literal) ? end : nil
        }
        guard start < bytes.count else { return nil }
        return bytes[(start + 1)...].firstRange(of: literal)?.lowerBound
    }
}
