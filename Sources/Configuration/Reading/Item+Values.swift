// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

// What `ShapeCheck` has let pass, as values. Nil where it has not: that fault is told, and one slip is one fault.

extension Item {
    var text: String? {
        switch scalar?.resolved {
        case .text, .integer, .number, .unsayable: scalar?.text
        case .null, .bool, nil: nil
        }
    }

    var flag: Bool? {
        if case .bool(let flag) = scalar?.resolved { flag } else { nil }
    }

    var integer: Int? {
        if case .integer(let integer) = scalar?.resolved { integer } else { nil }
    }

    var span: Duration? { scalar.flatMap { Duration(span: $0.text) } }
    var memory: MiB? { scalar.flatMap { MemorySize.parse($0.text) } }

    /// One text, or the texts of a list.
    var texts: [String] { text.map { [$0] } ?? elements.compactMap(\.text) }

    var json: JSON {
        switch node.content {
        case .scalar(let scalar): scalar.json
        case .list: JSON(elements.map(\.json))
        case .mapping: JSON(object)
        }
    }

    /// The members in their order; empty when this is no mapping.
    var object: JSONObject { JSONObject(uniqueMembers: members.map { ($0.key, $0.item.json) }) }

    /// A mapping of texts as a JSON object of strings, numbers as they are spelled.
    var textObject: JSON {
        JSON(JSONObject(uniqueMembers: members.compactMap { key, item in item.text.map { (key, JSON($0)) } }))
    }
}

extension Item {
    func text(_ key: String) -> String? { self[key]?.text }
    func flag(_ key: String) -> Bool? { self[key]?.flag }
    func integer(_ key: String) -> Int? { self[key]?.integer }
    func span(_ key: String) -> Duration? { self[key]?.span }
    func memory(_ key: String) -> MiB? { self[key]?.memory }
    func texts(_ key: String) -> [String]? { self[key]?.texts }
    func object(_ key: String) -> JSONObject { self[key]?.object ?? JSONObject() }
}

extension YAMLNode.Scalar {
    fileprivate var json: JSON {
        switch resolved {
        case .null: .null
        case .bool(let flag): JSON(flag)
        case .integer(let integer): JSON(integer)
        case .number(let spelling): JSON(numberSpelling: spelling) ?? JSON(text)
        case .unsayable, .text: JSON(text)
        }
    }
}
