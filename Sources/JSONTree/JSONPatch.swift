// SPDX-License-Identifier: Apache-2.0

/// Changes to a document by RFC 6902, in the order in which they are made.
package struct JSONPatch: Sendable, Hashable {
    package enum Operation: Sendable, Hashable {
        case add(JSONPointer, JSON)
        case remove(JSONPointer)
        case replace(JSONPointer, JSON)
        case move(from: JSONPointer, to: JSONPointer)
        case copy(from: JSONPointer, to: JSONPointer)
        case test(JSONPointer, JSON)
    }

    package var operations: [Operation]

    package init(operations: [Operation]) { self.operations = operations }
}

// MARK: - As JSON

extension JSONPatch {
    /// The patch that a JSON array of operations describes; members that RFC 6902 does not define are ignored.
    ///
    /// - Throws: `JSONError.patchMalformed` with the operation at fault.
    package init(_ json: JSON) throws(JSONError) {
        guard let elements = json.array else {
            throw .patchMalformed(operation: nil, reason: "a patch is an array of operations")
        }
        operations = []
        for (place, element) in elements.enumerated() {
            do {
                operations.append(try Operation(element))
            } catch {
                throw .patchMalformed(operation: place, reason: error.reason)
            }
        }
    }

    /// The patch as an array of operation objects.
    package var json: JSON { JSON(operations.map(\.json)) }
}

/// What is wrong with an operation, before it is known which one it is.
struct PatchFault: Error {
    let reason: String
}

extension JSONPatch.Operation {
    fileprivate init(_ json: JSON) throws(PatchFault) {
        guard let members = json.object else { throw PatchFault(reason: "an operation is an object") }
        let name = try Self.text(members, "op")
        switch name {
        case "add": self = .add(try Self.pointer(members, "path"), try Self.value(members))
        case "remove": self = .remove(try Self.pointer(members, "path"))
        case "replace": self = .replace(try Self.pointer(members, "path"), try Self.value(members))
        case "move": self = .move(from: try Self.pointer(members, "from"), to: try Self.pointer(members, "path"))
        case "copy": self = .copy(from: try Self.pointer(members, "from"), to: try Self.pointer(members, "path"))
        case "test": self = .test(try Self.pointer(members, "path"), try Self.value(members))
        default:
            throw PatchFault(reason: "\"op\" is one of add, remove, replace, move, copy, test")
        }
    }

    private static func text(_ members: JSONObject, _ key: String) throws(PatchFault) -> String {
        guard let text = members[key]?.string else { throw PatchFault(reason: "\"\(key)\" has to be a string") }
        return text
    }

    private static func pointer(_ members: JSONObject, _ key: String) throws(PatchFault) -> JSONPointer {
        let text = try text(members, key)
        do { return try JSONPointer(text) } catch { throw PatchFault(reason: "\"\(key)\": \(error)") }
    }

    private static func value(_ members: JSONObject) throws(PatchFault) -> JSON {
        guard let value = members["value"] else { throw PatchFault(reason: "\"value\" is missing") }
        return value
    }

    var json: JSON {
        switch self {
        case .add(let path, let value): ["op": "add", "path": JSON(path.description), "value": value]
        case .remove(let path): ["op": "remove", "path": JSON(path.description)]
        case .replace(let path, let value): ["op": "replace", "path": JSON(path.description), "value": value]
        case .move(let from, let path):
            ["op": "move", "from": JSON(from.description), "path": JSON(path.description)]
        case .copy(let from, let path):
            ["op": "copy", "from": JSON(from.description), "path": JSON(path.description)]
        case .test(let path, let value): ["op": "test", "path": JSON(path.description), "value": value]
        }
    }

    /// Where the operation acts.
    package var path: JSONPointer {
        switch self {
        case .add(let path, _), .remove(let path), .replace(let path, _), .move(_, let path), .copy(_, let path),
            .test(let path, _):
            path
        }
    }
}
