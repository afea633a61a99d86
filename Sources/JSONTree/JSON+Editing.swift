// SPDX-License-Identifier: Apache-2.0

// MARK: - Members

extension JSON {
    /// The member of an object; nil when absent, and when this is not an object.
    ///
    /// Setting on null makes an object of it, a new member goes to the end, and setting nil removes. Removing what
    /// is not there changes nothing on any kind; setting a member on a string, number, truth value or array is a
    /// mistake of the programmer. Look-up is linear in the members: to visit all of them, go through `object`.
    package subscript(key: String) -> JSON? {
        get {
            switch storage {
            case .slice(let slice): slice.member(key).map { JSON($0) }
            case .object(let object): object[key]
            case .revised(let revised): revised.revision[key]
            default: nil
            }
        }
        set {
            if newValue == nil, self[key] == nil { return }
            editObject { $0[key] = newValue }
        }
        _modify {
            if case .object(var object) = storage {
                // Out of `self` for a moment, so that the change is made in place and not on a copy.
                storage = .null
                defer { storage = .object(object) }
                yield &object[key]
            } else {
                let before = self[key]
                var member = before
                defer { if !JSON.isUntouched(member, since: before) { self[key] = member } }
                yield &member
            }
        }
    }

    /// The member, or `fallback` where there is none; what is set in it is kept as the member's value.
    package subscript(key: String, default fallback: @autoclosure () -> JSON) -> JSON {
        get { self[key] ?? fallback() }
        _modify {
            if self[key] == nil { self[key] = fallback() }
            yield &self[key]!
        }
    }

    private mutating func editObject(_ change: (inout JSONObject) -> Void) {
        var object: JSONObject
        switch kind {
        case .null: object = JSONObject()
        case .object: object = self.object!
        default: preconditionFailure("a member was set on a JSON value that is not an object")
        }
        storage = .null
        change(&object)
        storage = .object(object)
    }

    /// Both absent, or the same slice: nothing was set in it, so the level above may stay as it was written.
    private static func isUntouched(_ now: JSON?, since before: JSON?) -> Bool {
        switch (now?.storage, before?.storage) {
        case (nil, nil): true
        case (.slice(let now), .slice(let before)): now.isIdentical(to: before)
        default: false
        }
    }
}

// MARK: - Elements

extension JSON {
    /// The element of an array; nil out of range, and when this is not an array.
    ///
    /// Only an element that exists can be set; setting nil removes it and moves the later ones up.
    package subscript(index: Int) -> JSON? {
        get {
            switch storage {
            case .slice(let slice): slice.element(index).map { JSON($0) }
            case .array(let elements) where elements.indices.contains(index): elements[index]
            case .extended, .joined: array.flatMap { $0.indices.contains(index) ? $0[index] : Optional.none }
            default: nil
            }
        }
        set {
            if newValue == nil, self[index] == nil { return }
            editArray { $0.setElement(at: index, to: newValue) }
        }
        _modify {
            if case .array(var elements) = storage, elements.indices.contains(index) {
                storage = .null
                var element: JSON? = elements[index]
                elements[index] = .null
                defer {
                    elements.setElement(at: index, to: element)
                    storage = .array(elements)
                }
                yield &element
            } else {
                let before = self[index]
                var element = before
                defer { if !JSON.isUntouched(element, since: before) { self[index] = element } }
                yield &element
            }
        }
    }

    /// Adds an element at the end of an array.
    package mutating func append(_ element: JSON) {
        editArray { $0.append(element) }
    }

    /// An array with more elements at its end; what was parsed of it is not taken apart for that.
    package func appending(_ elements: [JSON]) -> JSON {
        if elements.isEmpty { return self }
        if case .slice(let slice) = storage, slice.isFilledArray {
            return JSON(.extended(ExtendedArray(parsed: slice, added: elements)))
        }
        var extended = self
        extended.editArray { $0 += elements }
        return extended
    }

    /// An array with the elements of another at its end; neither is taken apart where both were parsed.
    package func appending(allOf other: JSON) -> JSON {
        if let joined = storage.joined(with: other.storage) { return JSON(.joined(joined)) }
        return appending(other.array ?? [])
    }

    /// Makes `change` on the elements in place.
    mutating func editArray(_ change: (inout [JSON]) -> Void) {
        guard var elements = array else { preconditionFailure("an element was set on JSON that is not an array") }
        storage = .null
        change(&elements)
        storage = .array(elements)
    }
}

extension [JSON] {
    fileprivate mutating func setElement(at index: Int, to element: JSON?) {
        precondition(indices.contains(index), "an element was set beyond the end of a JSON array")
        if let element {
            self[index] = element
        } else {
            remove(at: index)
        }
    }
}

extension JSON.Storage {
    /// Both in one where each was parsed and holds something. By switches over `self`, which count no owners.
    fileprivate func joined(with other: JSON.Storage) -> JoinedArrays? {
        switch self {
        case .slice(let slice) where slice.isFilledArray: other.joined(behind: slice)
        default: nil
        }
    }

    private func joined(behind first: Slice) -> JoinedArrays? {
        switch self {
        case .slice(let slice) where slice.isFilledArray: JoinedArrays(first: first, second: slice)
        default: nil
        }
    }
}
