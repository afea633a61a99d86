// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// A JSON object that knows whether anything in it was changed, so that what was not is never written anew.
struct ObjectDraft {
    /// As it came; an object, always.
    let original: JSON
    /// Nil until a member is set or removed.
    private var revision: JSONRevision?

    /// Absent and null give an empty object.
    init(_ json: JSON?, at pointer: @autoclosure () -> String) throws(PodPatchError) {
        self.init(object: try object(json, at: pointer()))
    }

    /// Trusts that `object` is one.
    init(object: JSON) { self.original = object }

    var isChanged: Bool {
        // Not by `!=`, which takes a copy of what it compares with nil.
        if case nil = revision { false } else { true }
    }

    var json: JSON { revision?.json ?? original }

    /// The object with all that was changed; the draft is not for use after that.
    mutating func finish() -> JSON {
        guard let revision = revision.take() else { return original }
        return revision.finish()
    }

    subscript(key: String) -> JSON? {
        get {
            isChanged ? revision?[key] : original[key]
        }
        set {
            if !isChanged { revision = JSONRevision(of: original) }
            revision?[key] = newValue
        }
    }

    /// The keys in their order.
    var keys: [String] { json.keys }

    /// The member, where it is there and not null.
    func present(_ key: String) -> JSON? {
        guard let value = self[key], !value.isNull else { return nil }
        return value
    }

    /// Puts `value` there unless its equal is there; gives what it replaced.
    mutating func set(_ key: String, to value: JSON) -> JSON? {
        guard let present = self[key] else {
            append(key, value)
            return nil
        }
        if present.isEquivalent(to: value) { return nil }
        self[key] = value
        return present.isNull ? nil : present
    }

    /// Adds a member that is known not to be there.
    mutating func append(_ key: consuming String, _ value: consuming JSON) {
        if !isChanged { revision = JSONRevision(of: original) }
        revision?.append(key, value)
    }

    /// Gives what was removed; a null member goes too, and gives nil.
    mutating func remove(_ key: String) -> JSON? {
        guard let value = self[key] else { return nil }
        self[key] = nil
        return value.isNull ? nil : value
    }

    /// Changes the object under `key`, which is made when there is none and something is put in it.
    mutating func edit(
        _ key: String,
        at pointer: @autoclosure () -> String,
        _ change: (inout ObjectDraft) throws(PodPatchError) -> Void
    ) throws(PodPatchError) {
        var child = try ObjectDraft(self[key], at: pointer())
        try change(&child)
        if child.isChanged { self[key] = child.finish() }
    }
}

extension JSON {
    /// Equal, but for the defaults that the API server adds before webhooks see a pod.
    func says(_ wanted: JSON) -> Bool {
        if isSpelledLike(wanted) { return true }
        if wanted.kind == .object {
            guard let own = object else { return false }
            return own.allSatisfy { member in
                wanted[member.key].map { member.value.says($0) } ?? JSON.isDefault(member.key, member.value)
            } && wanted.hasNoMember(beyond: self)
        }
        if let entries = wanted.array {
            guard let own = array, own.count == entries.count else { return false }
            return zip(own, entries).allSatisfy { pair in pair.0.says(pair.1) }
        }
        return isEquivalent(to: wanted)
    }

    private func hasNoMember(beyond other: JSON) -> Bool {
        object?.allSatisfy { other[$0.key] != nil || JSON.isDefault($0.key, $0.value) } ?? true
    }

    /// A member that means the same as its absence in the volumes, mounts and variables of a pod.
    private static func isDefault(_ key: String, _ value: JSON) -> Bool {
        switch key {
        case "defaultMode": value.int == 0o644
        case "apiVersion": value.string == "v1"
        case "expirationSeconds": value.int == 3600
        default: value.isNull || value.bool == false || value.string == ""
        }
    }
}

/// An object; absent and null give an empty one.
private func object(_ json: JSON?, at pointer: @autoclosure () -> String) throws(PodPatchError) -> JSON {
    switch json?.kind {
    case nil, .null: return .emptyObject
    case .object: return json ?? .emptyObject
    default: throw .malformed(pointer: pointer(), expected: "an object")
    }
}

/// The entries of a list; absent and null give none.
func entries(of json: JSON?, at pointer: @autoclosure () -> String) throws(PodPatchError) -> [JSON] {
    guard let json, !json.isNull else { return [] }
    guard let entries = json.array else { throw .malformed(pointer: pointer(), expected: "a list") }
    return entries
}
