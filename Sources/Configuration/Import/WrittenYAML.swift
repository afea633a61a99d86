// SPDX-License-Identifier: Apache-2.0

/// YAML to be written, so that every reader of YAML 1.1 or 1.2 takes it alike.
indirect enum WrittenYAML: Sendable {
    /// Stands as it is, on one line.
    case scalar(String)
    /// A string; spelled when it is written, since aliases may give the same long one a thousand times.
    case text(String)
    case list([WrittenYAML])
    case mapping([Member])

    struct Member: Sendable {
        let key: String
        let value: WrittenYAML
        /// Lines of a comment above it.
        var above: [String] = []
    }

    /// The value as the source's own reader takes it. A number keeps its spelling where that means the same here.
    init(_ item: Item, readBy reader: SourceReader) {
        if item.isList {
            self = .list(item.elements.map { WrittenYAML($0, readBy: reader) })
        } else if let scalar = item.scalar {
            self = WrittenYAML(scalar, readBy: reader)
        } else {
            self = .mapping(item.members.map { Member(key: $0.key, value: WrittenYAML($0.item, readBy: reader)) })
        }
    }

    private init(_ scalar: YAMLNode.Scalar, readBy reader: SourceReader) {
        let here = scalar.resolved
        switch here {
        case .null: self = .scalar("null")
        case .bool(let flag): self = .scalar(flag ? "true" : "false")
        case .text, .unsayable, .integer, .number:
            let number = reader.number(scalar)
            self = number.map { .scalar($0) } ?? .text(scalar.text)
        }
    }
}

extension [WrittenYAML.Member] {
    mutating func add(_ key: String, _ value: WrittenYAML?) {
        if let value { append(WrittenYAML.Member(key: key, value: value)) }
    }
}

/// How a text is spelled as a YAML scalar.
enum YAMLSpelling {
    /// Plain where no reader could take it for anything but text, else between quotes.
    static func of(_ text: String) -> String {
        if isPlain(text) { return text }
        let isOneLine = text.unicodeScalars.allSatisfy { $0.isPrintableInYAML }
        return isOneLine ? "'\(text.replacing("'", with: "''"))'" : doubleQuoted(text)
    }

    private static func isPlain(_ text: String) -> Bool {
        guard text.utf8.count <= 200, !isReserved(text) else { return false }
        // Sizes and spans, such as `8G`, `500m`, `1.5Gi`.
        if text.wholeMatch(of: /[0-9]+(\.[0-9]+)?(m|h|s|d|[KMGTP]i?)/) != nil { return true }
        return text.wholeMatch(of: /[A-Za-z\/](([A-Za-z0-9_.\/@+=()-]|:(?=[^\s])| (?=[^\s#]))*[A-Za-z0-9_.\/@+=()-])?/)
            != nil
    }

    /// Words that some reader of YAML takes for a boolean or for nothing.
    private static func isReserved(_ text: String) -> Bool {
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(text.lowercased())
    }

    /// Whether the text may stand in a literal block, which shows scripts as they are.
    static func fitsBlock(_ text: String) -> Bool {
        guard text.contains("\n"), let first = text.first, first != " ", first != "\n" else { return false }
        return !text.hasSuffix("\n\n") && text.unicodeScalars.allSatisfy { $0 == "\n" || $0.isPrintableInYAML }
    }

    private static func doubleQuoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.map(escaped).joined() + "\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\t": return "\\t"
        case "\r": return "\\r"
        default: break
        }
        if scalar.isPrintableInYAML { return String(scalar) }
        let hex = String(scalar.value, radix: 16, uppercase: true)
        let (sign, width) = scalar.value > 0xFFFF ? ("U", 8) : ("u", 4)
        return "\\\(sign)" + String(repeating: "0", count: width - hex.count) + hex
    }
}

extension Unicode.Scalar {
    /// Stands for itself on a line of YAML; a byte order mark and the line breaks of Unicode do not.
    fileprivate var isPrintableInYAML: Bool {
        switch value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
