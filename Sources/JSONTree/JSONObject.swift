// SPDX-License-Identifier: Apache-2.0

/// The members of a JSON object in their order, each key once.
///
/// Keys are told apart by their code points, not by Swift's `==` on strings. Look-up is linear: the objects met here
/// have tens of members, and a parsed one has its keys checked before it gets here.
package struct JSONObject: Sendable {
    struct Member: Sendable {
        let key: String
        var value: JSON
    }

    private(set) var members: [Member]

    package init() { members = [] }

    /// Trusts that no key stands twice.
    init(_ members: [Member]) { self.members = members }

    /// The members in order; the same key twice is a mistake of the programmer.
    package init(uniqueMembers pairs: some Sequence<(String, JSON)>) {
        members = []
        members.reserveCapacity(pairs.underestimatedCount)
        for (key, value) in pairs { members.append(Member(key: key, value: value)) }
        precondition(hasUniqueKeys, "a JSON object was given a key twice")
    }

    /// The same, checked in the debug build only: what a literal holds does not change from run to run.
    init(literal pairs: [(String, JSON)]) {
        members = pairs.map { Member(key: $0, value: $1) }
        assert(hasUniqueKeys, "a JSON object was given a key twice")
    }

    private var hasUniqueKeys: Bool {
        if members.count > 16 { return Set(members.map { ExactKey(text: $0.key) }).count == members.count }
        return members.indices.allSatisfy { place(of: members[$0].key) == $0 }
    }

    /// Two members with different keys; unlike a literal it needs no list of pairs on the way.
    package init(_ first: (String, JSON), _ second: (String, JSON)) {
        members = [Member(key: first.0, value: first.1), Member(key: second.0, value: second.1)]
        assert(hasUniqueKeys, "a JSON object was given a key twice")
    }

    /// Makes room for so many members in all.
    package mutating func reserve(_ count: Int) { members.reserveCapacity(count) }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.map(\.key) }

    /// The member's value. A new member goes to the end, a known one keeps its place, nil removes it.
    package subscript(key: String) -> JSON? {
        get { place(of: key).map { members[$0].value } }
        set { set(newValue, at: place(of: key), key: key) }
        _modify {
            let place = place(of: key)
            var value = place.map { members[$0].value }
            // Out of the list for a moment, so that the change is made in place and not on a copy.
            if let place { members[place].value = .null }
            defer { set(value, at: place, key: key) }
            yield &value
        }
    }

    /// Trusts that there is no member of that key.
    mutating func append(_ key: consuming String, _ value: consuming JSON) {
        members.append(Member(key: key, value: value))
        assert(place(of: members[count - 1].key) == count - 1, "a JSON object was given a key twice")
    }

    /// Takes the member out and returns its value; nil when there is none.
    @discardableResult
    package mutating func remove(_ key: String) -> JSON? {
        place(of: key).map { members.remove(at: $0).value }
    }

    /// Sets each member of `other`: known keys keep their place and get the new value, others follow at the end.
    package mutating func merge(_ other: JSONObject) {
        for member in other.members { self[member.key] = member.value }
    }

    private func place(of key: String) -> Int? {
        // By index, since a closure would be handed a copy of each member.
        let count = key.utf8.count
        for place in members.indices where members[place].key.utf8.count == count {
            if members[place].key.isExactly(key) { return place }
        }
        return nil
    }

    private mutating func set(_ value: JSON?, at place: Int?, key: String) {
        switch (value, place) {
        case (let value?, let place?): members[place].value = value
        case (let value?, nil): members.append(Member(key: key, value: value))
        case (nil, let place?): members.remove(at: place)
        case (nil, nil): break
        }
    }
}

extension JSONObject: Sequence {
    package struct Iterator: IteratorProtocol {
        fileprivate var rest: IndexingIterator<[Member]>

        package mutating func next() -> (key: String, value: JSON)? {
            rest.next().map { (key: $0.key, value: $0.value) }
        }
    }

    package func makeIterator() -> Iterator { Iterator(rest: members.makeIterator()) }

    package var underestimatedCount: Int { members.count }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral pairs: (String, JSON)...) { self.init(literal: pairs) }
}
