// SPDX-License-Identifier: Apache-2.0

/// A revision that is done. A class, since a JSON that holds it is copied more often than it is looked into.
final class RevisedObject: Sendable {
    let revision: JSONRevision

    init(_ revision: consuming JSONRevision) { self.revision = revision }

    @inline(never)
    func write(to out: inout JSONOutput) { revision.write(to: &out) }
}

/// An object with some members set or removed; what was parsed of it is not taken apart for that.
///
/// The same as setting in a `JSON`, only quicker for a large object with few changes. A member that is removed and set
/// again comes back to its old place.
package struct JSONRevision: Sendable {
    /// Nil when the object was not parsed; all its members are in `added` then.
    private let parsed: Slice?
    /// In the order of their places.
    private var changes: [Change] = []
    private var added: JSONObject
    /// How many of the changes remove a member.
    private var removals = 0

    /// What stands in place of a parsed value. Not a tuple, which is destroyed by way of its metadata.
    private struct Change {
        let place: Int
        /// Nil where the member is removed.
        var value: JSON?
    }

    /// Anything but an object is a mistake of the programmer.
    package init(of json: JSON) {
        if case .revised(let revised) = json.storage {
            self = revised.revision
        } else if case .slice(let slice) = json.storage, slice.kind == .object {
            (parsed, added) = (slice, JSONObject())
        } else if let object = json.object {
            (parsed, added) = (nil, object)
        } else {
            preconditionFailure("only an object can be revised")
        }
    }

    package subscript(key: String) -> JSON? {
        get {
            guard let member = parsed?.member(key) else { return added[key] }
            return change(of: member.index).map { changes[$0].value } ?? JSON(member)
        }
        set {
            if let place = parsed?.member(key)?.index {
                change(place, to: newValue)
            } else {
                if added.isEmpty { added.reserve(4) }
                added[key] = newValue
            }
        }
    }

    /// Adds a member at the end; the object must not have one of that key.
    package mutating func append(_ key: consuming String, _ value: consuming JSON) {
        if added.isEmpty { added.reserve(4) }
        added.append(key, value)
    }

    /// The revised object.
    package consuming func finish() -> JSON { parsed == nil ? JSON(added) : JSON(.revised(RevisedObject(self))) }

    /// The revised object.
    package var json: JSON { parsed == nil ? JSON(added) : JSON(.revised(RevisedObject(self))) }

    /// The same, taken apart.
    var object: JSONObject {
        var members: [JSONObject.Member] = []
        forEachParsed { key, value in members.append(JSONObject.Member(key: key.text, value: value)) }
        return JSONObject(members + added.members)
    }

    func write(to out: inout JSONOutput) {
        if let parsed, removals == 0 { return write(over: parsed, to: &out) }
        out.append(Byte.braceOpen)
        var isFirst = true
        forEachParsed { key, value in
            if !isFirst { out.append(Byte.comma) }
            isFirst = false
            key.write(key.range, to: &out)
            out.append(Byte.colon)
            value.write(to: &out)
        }
        added.writeMembers(to: &out, isFirst: isFirst)
        out.append(Byte.braceClose)
    }

    /// What stands between the changed values leaves in one piece each, which is nearly all of most objects.
    private func write(over parsed: Slice, to out: inout JSONOutput) {
        parsed.source.view { view in
            var written = Int(view.tape[parsed.index].start)
            let changes = changes.span
            for index in changes.indices {
                let replaced = view.tape[changes[index].place]
                out.append(UnsafeBufferPointer(rebasing: view.bytes[written..<Int(replaced.start)]))
                changes[index].value?.write(to: &out)
                written = Int(replaced.end)
            }
            out.append(UnsafeBufferPointer(rebasing: view.bytes[written..<view.endOfLast(in: parsed.index)]))
            added.writeMembers(to: &out, isFirst: view.tape[parsed.index].next == parsed.index + 1)
        }
        out.append(Byte.braceClose)
    }

    /// How many bytes were parsed.
    var parsedSize: Int { parsed?.range.count ?? 0 }

    var sizeGuess: Int {
        changes.reduce(parsedSize + JSON(added).sizeGuess) { $0 + ($1.value?.sizeGuess ?? 0) }
    }

    private mutating func change(_ place: Int, to value: consuming JSON?) {
        // Not by `==`, which takes a copy of what it compares with nil.
        if case nil = value { removals += 1 }
        if let known = change(of: place) {
            if case nil = changes[known].value { removals -= 1 }
            changes[known].value = value
        } else {
            if changes.isEmpty { changes.reserveCapacity(4) }
            changes.append(Change(place: place, value: value))
            for index in (1..<changes.count).reversed() where changes[index - 1].place > place {
                changes.swapAt(index - 1, index)
            }
        }
    }

    private func change(of place: Int) -> Int? {
        // By index, since a closure would be handed a copy of each change.
        for index in changes.indices where changes[index].place == place { return index }
        return nil
    }

    /// The key and what it has now, of each parsed member that is not removed.
    private func forEachParsed(_ body: (Slice, JSON) -> Void) {
        guard let parsed else { return }
        let source = parsed.source
        var at = parsed.index + 1
        while at < parsed.entry.next {
            let change = change(of: at + 1)
            let value = change.map { changes[$0].value } ?? JSON(Slice(source: source, index: at + 1))
            if let value { body(Slice(source: source, index: at), value) }
            at = source.tape[at + 1].next
        }
    }
}
