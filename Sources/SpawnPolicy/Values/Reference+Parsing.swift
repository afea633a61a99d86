// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// Why the text between `${` and `}` cannot be read; what is wrong and what to write.
package struct TemplateFault: Error, Sendable, Hashable {
    package let what: String
    package let remedy: String

    package init(what: String, remedy: String) {
        self.what = what
        self.remedy = remedy
    }
}

extension Reference {
    /// What a place in the file may refer to.
    package struct Names: Sendable {
        package var maps: Set<String> = []
        package var objects: Set<String> = []
        package var calls: Set<String> = []
        package var hasPseudonym = false
        package var isTyped = false
        /// Nil outside a rule with `for_each`.
        package var captures: Set<String>?
        /// A backend's text, which speaks of GPUs and pools and of nobody's start.
        package var isOfBackend = false

        package init() {}
    }

    /// - Parameter text: what stands between `${` and `}`.
    package init(parsing text: String, names: Names) throws(TemplateFault) {
        var parts = try Self.parts(of: text)
        let head = parts.removeFirst()
        source = try Self.source(head, names)
        var filters: [Filter] = []
        for part in parts { filters.append(try Filter(parsing: part)) }
        self.filters = filters
        self.text = text
    }

    /// Head and filters, parted by `|` outside quotes.
    private static func parts(of text: String) throws(TemplateFault) -> [String] {
        var parts = [""]
        var isQuoted = false
        for character in text.unicodeScalars {
            if character == "\"" { isQuoted.toggle() }
            if character == "|", !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].unicodeScalars.append(character)
            }
        }
        if isQuoted { throw TemplateFault(what: "`${\(text)}` has a quotation mark without its partner", remedy: "") }
        return parts.map(\.trimmed)
    }

    private static func source(_ head: String, _ names: Names) throws(TemplateFault) -> Source {
        let words = head.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let rest = Array(words.dropFirst())
        if names.isOfBackend { return try backendSource(head, words[0], rest) }
        switch words[0] {
        case "user":
            guard rest.count == 1, let fact = UserFact(rawValue: rest[0]) else { throw unknown(head, userFacts) }
            if fact == .pseudonym, !names.hasPseudonym {
                throw TemplateFault(
                    what: "`user.pseudonym` needs a key", remedy: "Name its file with `identity.pseudonym_key_file`.")
            }
            return .user(fact)
        case "deployment" where rest.isEmpty: return .deployment
        case "server" where rest == ["name"]: return .serverName
        case "server" where rest == ["id"]: return .serverID
        case "profile" where rest.isEmpty: return .profile
        case "profile" where rest == ["display_name"]: return .profileTitle
        case "image" where rest.isEmpty: return .image
        case "value" where rest.isEmpty && names.isTyped: return .typed
        case "options" where !rest.isEmpty: return .option(rest.joined(separator: "."))
        case "spawner" where !rest.isEmpty: return .trait(rest)
        case "maps" where !rest.isEmpty:
            return .map(try known(rest[0], names.maps, "map"), members: Array(rest.dropFirst()))
        case "objects" where rest.count == 1: return .object(try known(rest[0], names.objects, "object"))
        case "calls" where rest.count > 1:
            return .call(try known(rest[0], names.calls, "call"), members: Array(rest.dropFirst()))
        case "each" where names.captures != nil: return .each(members: rest)
        case let word where rest.isEmpty && names.captures?.contains(word) == true: return .capture(word)
        default:
            if let path = claimPath(head) { return .claim(path) }
            throw unknown(head, starts(names))
        }
    }

    private static func backendSource(
        _ head: String, _ word: String, _ rest: [String]
    ) throws(TemplateFault) -> Source {
        if word == "gpu", rest.count == 1, let fact = GPUFact(rawValue: rest[0]) { return .gpu(fact) }
        if word == "pool", rest.count == 1, !rest[0].isEmpty { return .pool(rest[0]) }
        let facts = GPUFact.allCases.map { "gpu.\($0.rawValue)" }.joined(separator: ", ")
        throw unknown(head, facts + ", pool.resource, pool.… for the pool's `settings`")
    }

    /// `claims.a.b`, a dot inside a name as `\.`, or `claims/a/b.c`.
    private static func claimPath(_ head: String) -> [String]? {
        guard head.hasPrefix("claims") else { return nil }
        let rest = String(head.dropFirst("claims".count))
        let path =
            rest.hasPrefix("/")
            ? (try? JSONPointer(rest))?.tokens : rest.hasPrefix(".") ? dotted(rest.dropFirst()) : nil
        guard let path, !path.isEmpty, !path.contains("") else { return nil }
        return path
    }

    private static func dotted(_ text: Substring) -> [String] {
        var names = [""]
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if scalar == "\\", !isEscaped {
                isEscaped = true
            } else if scalar == ".", !isEscaped {
                names.append("")
            } else {
                names[names.count - 1].unicodeScalars.append(scalar)
                isEscaped = false
            }
        }
        return names
    }

    private static func known(_ name: String, _ names: Set<String>, _ noun: String) throws(TemplateFault) -> String {
        if names.contains(name) { return name }
        let known = names.sorted().prefix(12).joined(separator: ", ")
        throw TemplateFault(
            what: "\(quoted(name)) is not a \(noun) of this file",
            remedy: known.isEmpty ? "Define it." : "Known: \(known).")
    }

    private static func unknown(_ head: String, _ possible: String) -> TemplateFault {
        TemplateFault(
            what: "`${\(head)}` is no reference",
            remedy: "Possible: \(possible). For the text itself write `$${`.")
    }

    private static let userFacts = UserFact.allCases.map { "user.\($0.rawValue)" }.joined(separator: ", ")

    private static func starts(_ names: Names) -> String {
        var starts = [
            "user.…", "claims.…", "deployment", "server.name", "server.id", "profile", "image", "options.…",
            "spawner.…",
            "maps.…", "objects.…",
        ]
        if names.isTyped { starts.append("value") }
        if let captures = names.captures { starts += ["each"] + captures.sorted() }
        return starts.joined(separator: ", ")
    }
}

extension Filter {
    /// `last 2`, `default "none"`: a word and what it needs.
    init(parsing text: String) throws(TemplateFault) {
        let word = String(text.prefix { $0 != " " })
        let argument = String(text.dropFirst(word.count)).trimmed
        switch word {
        case "leaf" where argument.isEmpty: self = .leaf
        case "lower" where argument.isEmpty: self = .lower
        case "dns" where argument.isEmpty: self = .dns
        case "label" where argument.isEmpty: self = .label
        case "hash" where argument.isEmpty: self = .hash
        case "json" where argument.isEmpty: self = .json
        case "last": self = .last(try Self.count(argument))
        case "times": self = .times(try Self.number(argument, word))
        case "plus": self = .plus(try Self.number(argument, word))
        case "join": self = .join(try Self.text(argument, word))
        case "lines": self = .lines(try LinePattern(parsing: try Self.text(argument, word)))
        case "default": self = .standard(try Self.value(argument))
        default:
            throw TemplateFault(
                what: "\(quoted(text)) is no filter",
                remedy:
                    "Possible: default V, leaf, lower, dns, label, hash, last N, times X, plus X, join \"S\", json, "
                    + "lines \"{name}:{id}\".")
        }
    }

    private static func count(_ text: String) throws(TemplateFault) -> Int {
        guard let count = wholeNumber(text), (1...64).contains(count) else {
            throw TemplateFault(what: "`last` needs a number from 1 to 64", remedy: "Write `last 2`.")
        }
        return count
    }

    private static func number(_ text: String, _ word: String) throws(TemplateFault) -> Quantity {
        guard JSON(numberSpelling: text) != nil, let number = Quantity(text) else {
            throw TemplateFault(what: "`\(word)` needs a number", remedy: "Write `\(word) 0.5`.")
        }
        return number
    }

    private static func text(_ text: String, _ word: String) throws(TemplateFault) -> String {
        guard let text = unquoted(text) else {
            throw TemplateFault(what: "`\(word)` needs a text in quotation marks", remedy: "Write `\(word) \",\"`.")
        }
        return text
    }

    private static func value(_ text: String) throws(TemplateFault) -> JSON {
        if let text = unquoted(text) { return JSON(text) }
        if let value = try? JSON(parsing: text), value.kind != .object, value.kind != .array { return value }
        throw TemplateFault(
            what: "`default` needs a value", remedy: "Write `default \"none\"`, `default 4`, `default null`.")
    }

    private static func unquoted(_ text: String) -> String? {
        guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return nil }
        return String(text.dropFirst().dropLast())
    }
}

extension Filter.LinePattern {
    init(parsing text: String) throws(TemplateFault) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw TemplateFault(what: "\(quoted(text)) has a brace without its partner", remedy: "")
            }
            if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
            let name = String(rest[rest.index(after: open)..<close])
            parts.append(.member(name.isEmpty ? nil : name))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        self.parts = parts
    }
}

extension String {
    var trimmed: String {
        var rest = self[...]
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
