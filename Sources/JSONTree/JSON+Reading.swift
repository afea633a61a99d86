// SPDX-License-Identifier: Apache-2.0

extension JSON {
    package var kind: Kind {
        switch storage {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .array, .extended, .joined: .array
        case .object, .revised: .object
        case .slice(let slice): slice.kind
        }
    }

    package var isNull: Bool { kind == .null }

    /// The string with its escapes resolved; nil for other kinds.
    package var string: String? {
        switch storage {
        case .string(let text): text
        case .slice(let slice) where slice.kind == .string: slice.text
        default: nil
        }
    }

    /// The truth value; nil for other kinds.
    package var bool: Bool? {
        switch storage {
        case .bool(let truth): truth
        case .slice(let slice) where slice.kind == .bool: slice.truth
        default: nil
        }
    }

    /// The number when it is a whole one that fits, however spelled: 2, 2.0, 2e0 and 20e-1 give 2. Never rounded.
    package var int: Int? { numberSpelling.flatMap { Int($0) ?? Decimal(spelling: $0)?.int } }

    /// The number as written; nil for other kinds.
    package var numberSpelling: String? {
        switch storage {
        case .number(let spelling): spelling
        case .slice(let slice) where slice.kind == .number: slice.numberSpelling
        default: nil
        }
    }

    /// The elements; nil for other kinds.
    package var array: [JSON]? {
        switch storage {
        case .array(let elements): elements
        case .slice(let slice) where slice.kind == .array: slice.elements()
        case .extended(let list): list.elements
        case .joined(let list): list.elements
        default: nil
        }
    }

    /// The keys of an object in their order; none for other kinds.
    package var keys: [String] {
        switch storage {
        case .object(let object): object.keys
        case .revised(let revised): revised.revision.object.keys
        case .slice(let slice) where slice.kind == .object: slice.keys()
        default: []
        }
    }

    /// The members in order; nil for other kinds.
    package var object: JSONObject? {
        switch storage {
        case .object(let object): object
        case .revised(let revised): revised.revision.object
        case .slice(let slice) where slice.kind == .object: JSONObject(slice.members())
        default: nil
        }
    }
}
