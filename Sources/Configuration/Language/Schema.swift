// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// The language as a JSON Schema (2020-12), for editors that complete and check while one types. `berth check` says
/// more: a schema knows nothing of one value that refers to another.
package enum Schema {
    package static var json: JSON {
        var defs = Definitions()
        let site = defs.body(of: Language.site)
        var schema: JSONObject = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$comment": "Written from Sources/Configuration/Language*.swift by the tests; do not edit.",
            "title": "Berth configuration",
        ]
        schema.merge(site)
        schema["$defs"] = JSON(defs.inOrder)
        return JSON(schema)
    }
}

/// The shapes met so far, each written once and referred to by name.
private struct Definitions {
    private var bodies: [String: JSONObject] = [:]

    var inOrder: JSONObject {
        JSONObject(uniqueMembers: bodies.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) })
    }

    mutating func body(of shape: Shape) -> JSONObject {
        var properties = JSONObject()
        for key in shape.keys where key.notYet == nil { properties[key.name] = JSON(described(key)) }
        let required = shape.keys.filter(\.isRequired).map { JSON($0.name) }
        var body: JSONObject = ["description": JSON(shape.about), "type": "object", "properties": JSON(properties)]
        if !required.isEmpty { body["required"] = JSON(required) }
        body["additionalProperties"] = false
        return body
    }

    private mutating func described(_ key: Key) -> JSONObject {
        var described: JSONObject = ["description": JSON(key.about)]
        let schema = schema(key.kind)
        guard key.mayBeNull else {
            described.merge(schema)
            return described
        }
        described["anyOf"] = JSON([JSON(schema), ["type": "null"]])
        return described
    }

    private mutating func schema(_ kind: Kind) -> JSONObject {
        switch kind {
        case .text: ["type": ["string", "number"]]
        case .file: ["type": "string", "minLength": 1]
        case .name(let names):
            ["type": ["string", "number"], "pattern": JSON(names.pattern), "maxLength": JSON(names.most)]
        case .flag: ["type": "boolean"]
        case .integer(let range):
            ["type": "integer", "minimum": JSON(range.lowerBound), "maximum": JSON(range.upperBound)]
        case .span: ["type": "string", "pattern": "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$", "minLength": 2]
        case .memory: ["type": "string", "pattern": "^[0-9]+(Mi|Gi|Ti)$"]
        case .oneOf(let words): ["enum": JSON(words.map { JSON($0) })]
        case .anything: JSONObject()
        case .object: ["type": "object"]
        case .list(let element, let atLeast): list(of: element, atLeast: atLeast)
        case .table(let value, let names): table(of: value, names)
        case .shape(let shape): reference(to: shape())
        case .rule: rule()
        case .either(let kinds): ["anyOf": JSON(kinds.map { JSON(schema($0)) })]
        }
    }

    private mutating func list(of element: Kind, atLeast: Int) -> JSONObject {
        var list: JSONObject = ["type": "array", "items": JSON(schema(element))]
        if atLeast > 0 { list["minItems"] = JSON(atLeast) }
        return list
    }

    private mutating func table(of value: Kind, _ names: NameRule) -> JSONObject {
        [
            "type": "object", "propertyNames": ["pattern": JSON(names.pattern), "maxLength": JSON(names.most)],
            "additionalProperties": JSON(schema(value)),
        ]
    }

    private mutating func reference(to shape: Shape) -> JSONObject {
        if bodies[shape.name] == nil {
            bodies[shape.name] = JSONObject()  // A shape that holds itself ends here.
            bodies[shape.name] = body(of: shape)
        }
        return ["$ref": JSON("#/$defs/\(shape.name)")]
    }

    /// A rule, or a list of rules, which may again be lists.
    private mutating func rule() -> JSONObject {
        let name = "rule_or_list"
        if bodies[name] == nil {
            bodies[name] = JSONObject()
            let rule = reference(to: Language.rule)
            bodies[name] = ["anyOf": [JSON(rule), ["type": "array", "items": ["$ref": JSON("#/$defs/\(name)")]]]]
        }
        return ["$ref": JSON("#/$defs/\(name)")]
    }
}
