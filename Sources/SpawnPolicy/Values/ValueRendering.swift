// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// Fills in the references of a value.
///
/// With matches, what depends on them is made once for each, in one go: entries of lists follow each other, members with
/// a key of the match stand beside each other, and of a single value the last match's counts. So the work grows with
/// the matches and not with their square.
struct ValueRendering {
    private let context: ValueContext
    /// Nil outside a `for_each`; otherwise at least one.
    private let matches: [Match]?

    init(_ context: ValueContext, matches: [Match]?) {
        self.context = context
        self.matches = matches
    }

    func render(_ value: ValueTemplate) throws(ValueError) -> JSON { try render(value, matches) }

    private func render(_ value: ValueTemplate, _ matches: [Match]?) throws(ValueError) -> JSON {
        switch value {
        case .literal(let json): return json
        case .whole(let reference, let place): return try whole(reference, place, matches?.last)
        case .text(let text): return JSON(try render(text, matches?.last))
        case .list(let elements): return try list(elements, matches)
        case .object(let members): return try object(members, matches)
        }
    }

    private func list(_ elements: [ValueTemplate], _ matches: [Match]?) throws(ValueError) -> JSON {
        var list: [JSON] = []
        for element in elements {
            guard element.isOfMatch, let matches else {
                list += try entries(element, matches)
                continue
            }
            for match in matches { list += try entries(element, [match]) }
        }
        return JSON(list)
    }

    /// A list that stands alone as an entry adds its own entries.
    private func entries(_ element: ValueTemplate, _ matches: [Match]?) throws(ValueError) -> [JSON] {
        let value = try render(element, matches)
        if case .whole = element, let inner = value.array { return inner }
        return [value]
    }

    private func object(_ members: [ValueTemplate.Member], _ matches: [Match]?) throws(ValueError) -> JSON {
        var object = UniqueMembers()
        for member in members {
            guard member.key.isOfMatch, let matches else {
                object.set(try key(member.key, nil), try render(member.value, matches))
                continue
            }
            for match in matches { object.set(try key(member.key, match), try render(member.value, [match])) }
        }
        return object.json
    }

    /// A written key stands as it is, words such as `$max` among them; one with data in it never is a word.
    private func key(_ key: TextTemplate, _ match: Match?) throws(ValueError) -> String {
        if let literal = key.literal { return literal }
        return FieldWord.escaped(try render(key, match))
    }

    // MARK: Texts

    private func render(_ text: TextTemplate, _ match: Match?) throws(ValueError) -> String {
        var result = ""
        var last: Reference?
        for part in text.parts {
            switch part {
            case .literal(let literal): result += literal
            case .reference(let reference):
                last = reference
                let value = try present(reference, match)
                guard let data = value.scalarText else {
                    throw .unfit(reference.text, "is a list or a mapping inside a text; use `join`, `lines` or `json`")
                }
                result += reference.isOperators ? data : try text.place.fitted(data, of: reference)
            }
        }
        if let last { try text.place.check(result, of: last) }
        return result
    }

    private func whole(_ reference: Reference, _ place: ValuePlace, _ match: Match?) throws(ValueError) -> JSON {
        let value = try present(reference, match)
        guard let data = value.scalarText else { return try value.asData(of: reference) }
        if value.string == nil, !place.isText { return value }
        let text = reference.isOperators ? data : try place.fitted(data, of: reference)
        try place.check(text, of: reference)
        return JSON(text)
    }

    private func present(_ reference: Reference, _ match: Match?) throws(ValueError) -> JSON {
        guard let value = try context.value(of: reference, match: match) else { throw .missing(reference.text) }
        return value
    }
}

extension JSON {
    /// A list or mapping from outside: its keys are never words, its texts hold no control characters, and no path in
    /// it leads upwards.
    fileprivate func asData(of reference: Reference) throws(ValueError) -> JSON {
        switch kind {
        case .null, .bool, .number: return self
        case .string:
            let text = string ?? ""
            guard !text.unicodeScalars.contains(where: { $0.isControl && $0 != "\n" && $0 != "\t" }) else {
                throw .unfit(reference.text, "holds a character that does not print")
            }
            try ValuePlace.path.check(text, of: reference)
            return self
        case .array:
            var list: [JSON] = []
            for element in array ?? [] { list.append(try element.asData(of: reference)) }
            return JSON(list)
        case .object:
            var members = UniqueMembers()
            for (key, value) in object ?? JSONObject() {
                members.set(FieldWord.escaped(key), try value.asData(of: reference))
            }
            return members.json
        }
    }
}

/// The members of an object that is put together: a key that comes again takes the place of the earlier one.
private struct UniqueMembers {
    private var places: [ExactText: Int] = [:]
    private var members: [(String, JSON)] = []

    mutating func set(_ key: String, _ value: JSON) {
        if let place = places[ExactText(key)] {
            members[place].1 = value
        } else {
            places[ExactText(key)] = members.count
            members.append((key, value))
        }
    }

    var json: JSON { JSON(JSONObject(uniqueMembers: members)) }
}
