// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Yams

/// A YAML file as JSON: members in the file's order, aliases resolved, plain scalars by their YAML type.
enum YAMLFile {
    static func json(_ text: String) throws -> JSON {
        guard let node = try Yams.compose(yaml: text) else { return .null }
        return json(node)
    }

    private static func json(_ node: Node) -> JSON {
        switch node {
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, value) in mapping { object[key.string ?? ""] = json(value) }
            return JSON(object)
        case .sequence(let sequence): return JSON(sequence.map(json))
        case .scalar(let scalar): return json(scalar.string, node.tag.description)
        case .alias: return .null
        }
    }

    private static func json(_ text: String, _ tag: String) -> JSON {
        switch tag {
        case "tag:yaml.org,2002:null": .null
        case "tag:yaml.org,2002:bool": JSON(["true", "yes", "on"].contains(text.lowercased()))
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float": JSON(numberSpelling: text) ?? JSON(text)
        default: JSON(text)
        }
    }
}
