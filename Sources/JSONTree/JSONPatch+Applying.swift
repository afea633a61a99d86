// SPDX-License-Identifier: Apache-2.0

extension JSONPatch {
    /// The document after all operations; either all of them are carried out or none.
    ///
    /// The result keeps within `limits`, so that a patch that copies what it copied before cannot grow without bound.
    ///
    /// - Throws: `JSONError.patchFailed` with the operation that could not be carried out.
    package func applied(to document: JSON, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSON {
        var application = Application(document: document, limits: limits)
        for (place, operation) in operations.enumerated() {
            do {
                try application.carryOut(operation)
            } catch {
                throw .patchFailed(operation: place, path: operation.path.description, reason: error.reason)
            }
        }
        return application.document
    }
}

/// A document on its way through a patch.
private struct Application {
    var document: JSON
    let limits: JSONLimits
    /// Bytes of all values that were copied so far.
    var bytesCopied = 0

    init(document: JSON, limits: JSONLimits) {
        self.document = document
        self.limits = limits
    }

    mutating func carryOut(_ operation: JSONPatch.Operation) throws(PatchFault) {
        switch operation {
        case .add(let path, let value): try add(value, at: path)
        case .remove(let path): _ = try remove(at: path)
        case .replace(let path, let value): try replace(at: path, with: value)
        case .move(let from, let path): try move(from: from, to: path)
        case .copy(let from, let path): try copy(from: from, to: path)
        case .test(let path, let value): try test(at: path, expects: value)
        }
    }

    private func existing(_ pointer: JSONPointer) throws(PatchFault) -> JSON {
        guard let value = document.value(at: pointer) else { throw .absent(pointer) }
        return value
    }

    private func test(at path: JSONPointer, expects value: JSON) throws(PatchFault) {
        guard try existing(path).isEquivalent(to: value) else { throw PatchFault(reason: "the value is another one") }
    }

    private mutating func copy(from: JSONPointer, to path: JSONPointer) throws(PatchFault) {
        let value = try existing(from)
        bytesCopied += value.sizeGuess
        guard bytesCopied <= limits.bytesMax else {
            throw PatchFault(reason: "the patch copies more than \(limits.bytesMax) bytes")
        }
        try add(value, at: path)
    }

    private mutating func move(from: JSONPointer, to path: JSONPointer) throws(PatchFault) {
        if from == path {
            _ = try existing(from)
            return
        }
        if path.isInside(from) { throw PatchFault(reason: "a value cannot be moved into itself") }
        try add(try remove(at: from), at: path)
    }

    private mutating func replace(at path: JSONPointer, with value: JSON) throws(PatchFault) {
        try refuseTooDeep(value, at: path)
        _ = try existing(path)
        document.edit(path.tokens[...]) { $0 = value }
    }

    private mutating func add(_ value: JSON, at path: JSONPointer) throws(PatchFault) {
        try refuseTooDeep(value, at: path)
        guard let last = path.tokens.last else {
            document = value
            return
        }
        let parent = JSONPointer(tokens: path.tokens.dropLast())
        let container = try existing(parent)
        switch container.kind {
        case .object:
            document.edit(parent.tokens[...]) { $0[last] = value }
        case .array:
            let index = try container.insertionIndex(last)
            document.edit(parent.tokens[...]) { $0.editArray { $0.insert(value, at: index) } }
        case .null, .bool, .number, .string:
            throw PatchFault(reason: "there is no object or array to put it in")
        }
    }

    private mutating func remove(at path: JSONPointer) throws(PatchFault) -> JSON {
        let value = try existing(path)
        guard let last = path.tokens.last else { throw PatchFault(reason: "the whole document cannot be removed") }
        document.edit(path.tokens.dropLast()) { $0.removeChild(last) }
        return value
    }

    private func refuseTooDeep(_ value: JSON, at path: JSONPointer) throws(PatchFault) {
        guard path.tokens.count + value.depth <= limits.depthMax else {
            throw PatchFault(reason: "arrays and objects would be nested more than \(limits.depthMax) deep")
        }
    }
}

extension PatchFault {
    fileprivate static func absent(_ pointer: JSONPointer) -> PatchFault {
        PatchFault(reason: "there is nothing at \(JSON(pointer.description).text)")
    }
}

extension JSONPointer {
    /// Whether this names something within what `other` names.
    fileprivate func isInside(_ other: JSONPointer) -> Bool {
        tokens.count > other.tokens.count && JSONPointer(tokens: Array(tokens.prefix(other.tokens.count))) == other
    }
}

extension JSON {
    /// Makes `change` at an existing place.
    fileprivate mutating func edit(_ tokens: ArraySlice<String>, _ change: (inout JSON) -> Void) {
        guard let token = tokens.first else { return change(&self) }
        if kind == .array {
            self[JSONPointer.index(token)!]!.edit(tokens.dropFirst(), change)
        } else {
            self[token]!.edit(tokens.dropFirst(), change)
        }
    }

    fileprivate mutating func removeChild(_ token: String) {
        if kind == .array {
            self[JSONPointer.index(token)!] = Optional<JSON>.none
        } else {
            self[token] = Optional<JSON>.none
        }
    }

    /// Where in an array `token` inserts: before an element, or at the end.
    fileprivate func insertionIndex(_ token: String) throws(PatchFault) -> Int {
        let count = array!.count
        if token == "-" { return count }
        guard let index = JSONPointer.index(token) else { throw PatchFault(reason: "not an index of an array") }
        guard index <= count else { throw PatchFault(reason: "the array has only \(count) elements") }
        return index
    }

    /// How many arrays and objects are inside one another; 0 for a scalar.
    fileprivate var depth: Int {
        switch kind {
        case .array: 1 + (array!.lazy.map(\.depth).max() ?? 0)
        case .object: 1 + (object!.members.lazy.map(\.value.depth).max() ?? 0)
        case .null, .bool, .number, .string: 0
        }
    }
}
