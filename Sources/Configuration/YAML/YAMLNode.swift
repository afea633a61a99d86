// SPDX-License-Identifier: Apache-2.0

/// A value of a YAML file with its place: aliases and merge keys are resolved, keys are text and unique.
struct YAMLNode: Sendable {
    let place: Place
    let content: Content

    enum Content: Sendable {
        case scalar(Scalar)
        case list([YAMLNode])
        case mapping([Entry])
    }

    struct Scalar: Sendable {
        let text: String
        /// Neither quoted nor tagged as a string, so that `5` is a number and `no` is a boolean.
        let isPlain: Bool
    }

    struct Entry: Sendable {
        let key: String
        let keyPlace: Place
        let value: YAMLNode
    }
}

/// A value together with its path from the root: what the readers pass around.
struct Item {
    let node: YAMLNode
    let path: YAMLPath
    /// Where its key stands; for a list's element and the root the value itself.
    let keyPlace: Place

    init(node: YAMLNode, path: YAMLPath, keyPlace: Place? = nil) {
        self.node = node
        self.path = path
        self.keyPlace = keyPlace ?? node.place
    }

    var place: Place { node.place }

    /// The members in the order of the file; empty when this is no mapping.
    var members: [(key: String, item: Item)] {
        guard case .mapping(let entries) = node.content else { return [] }
        return entries.map { ($0.key, Item(node: $0.value, path: path.member($0.key), keyPlace: $0.keyPlace)) }
    }

    /// The elements; empty when this is no list.
    var elements: [Item] {
        guard case .list(let nodes) = node.content else { return [] }
        return nodes.enumerated().map { Item(node: $1, path: path.element($0)) }
    }

    /// The member, unless it is missing or null: a key that is there without a value says nothing.
    subscript(key: String) -> Item? {
        guard case .mapping(let entries) = node.content, let entry = entries.first(where: { $0.key == key }) else {
            return nil
        }
        let item = Item(node: entry.value, path: path.member(key), keyPlace: entry.keyPlace)
        return item.isNull ? nil : item
    }

    var isMapping: Bool { if case .mapping = node.content { true } else { false } }
    var isList: Bool { if case .list = node.content { true } else { false } }
    var isNull: Bool { scalar?.resolved == .null }

    var scalar: YAMLNode.Scalar? { if case .scalar(let scalar) = node.content { scalar } else { nil } }
}

/// The way to a value, as people write it: `profiles[2].gpu.pool`, and `base["a.b"]` for a key that is not a word.
struct YAMLPath: CustomStringConvertible {
    let description: String

    static let root = YAMLPath(description: "")

    func member(_ key: String) -> YAMLPath {
        guard key.isPathWord else { return YAMLPath(description: "\(description)[\(quoted(key))]") }
        return YAMLPath(description: description.isEmpty ? key : "\(description).\(key)")
    }

    func element(_ index: Int) -> YAMLPath { YAMLPath(description: "\(description)[\(index)]") }
}

extension String {
    fileprivate var isPathWord: Bool {
        !isEmpty && utf8.count <= 64
            && unicodeScalars.allSatisfy { $0.isLetterOrDigit || $0 == "-" || $0 == "_" }
    }
}

/// `text` between quotes as a fault shows it: on one line and of bounded length.
func quoted(_ text: String) -> String { "\"\(oneLine(text))\"" }

/// The beginning of `text`, without what would break a line.
func oneLine(_ text: String, most: Int = 80) -> String {
    let line = String(text.unicodeScalars.prefix(most).map { $0.value < 32 || $0.value == 127 ? " " : Character($0) })
    return line + (text.unicodeScalars.count > most ? "…" : "")
}
