// SPDX-License-Identifier: Apache-2.0

/// Writes `WrittenYAML` as people write it: blocks, and short things of one kind on one line.
struct YAMLWriter {
    /// Complete lines.
    private(set) var text = ""
    /// Aliases are written out, so that a small file may become a large one: what is beyond this is not written.
    private(set) var isTooLong = false
    static let bytesMost = YAMLText.bytesMost

    fileprivate static let columns = 110

    mutating func write(_ members: [WrittenYAML.Member]) { write(members, indent: 0) }

    /// A comment, broken into lines.
    mutating func comment(_ words: String, indent: Int = 0, hanging: String = "") {
        // A line break would end the comment and begin something else.
        for line in YAMLWriter.lines(of: oneLine(words, most: 4000), hanging: hanging) {
            self.line(String(repeating: " ", count: indent) + (line.isEmpty ? "#" : "# \(line)"))
        }
    }

    mutating func blankLine() { line("") }

    private mutating func line(_ line: String) {
        guard text.utf8.count + line.utf8.count < YAMLWriter.bytesMost else {
            isTooLong = true
            return
        }
        text += line + "\n"
    }

    /// - Parameter dash: what stands before the first member instead of its indentation, for an element of a list.
    private mutating func write(_ members: [WrittenYAML.Member], indent: Int, dash: String? = nil) {
        var start = dash ?? String(repeating: " ", count: indent)
        for member in members where !isTooLong {
            // Above the dash there is no place of its own: it goes to the line's end of the indentation below.
            for words in member.above { comment(words, indent: indent) }
            write(member, start: start, indent: indent)
            start = String(repeating: " ", count: indent)
        }
    }

    private mutating func write(_ member: WrittenYAML.Member, start: String, indent: Int) {
        let head = start + YAMLSpelling.of(member.key) + ":"
        if let short = member.value.onOneLine, member.value.isScalar || fits(head, short) {
            return line("\(head) \(short)")
        }
        switch member.value {
        case .scalar: break  // Always on one line.
        case .text(let text): block(text, head: head, indent: indent + 2)
        case .list(let elements):
            line(head)
            write(elements, indent: indent + 2)
        case .mapping(let members):
            line(head)
            write(members, indent: indent + 2)
        }
    }

    private mutating func write(_ elements: [WrittenYAML], indent: Int) {
        let dash = String(repeating: " ", count: indent) + "- "
        for element in elements where !isTooLong {
            if let short = element.onOneLine, element.isScalar || fits(dash, short) {
                line(dash + short)
                continue
            }
            switch element {
            case .scalar: break  // Always on one line.
            case .text(let text): block(text, head: dash.dropLastBlank, indent: indent + 2)
            case .list(let inner):
                line(dash.dropLastBlank)
                write(inner, indent: indent + 2)
            case .mapping(let members): write(members, indent: indent + 2, dash: dash)
            }
        }
    }

    private func fits(_ head: String, _ rest: String) -> Bool {
        head.utf8.count + rest.utf8.count < YAMLWriter.columns
    }

    private mutating func block(_ text: String, head: String, indent: Int) {
        line("\(head) |" + (text.hasSuffix("\n") ? "" : "-"))
        let body = text.hasSuffix("\n") ? text.dropLast() : text[...]
        for one in body.split(separator: "\n", omittingEmptySubsequences: false) where !isTooLong {
            line(one.isEmpty ? "" : String(repeating: " ", count: indent) + one)
        }
    }

    private static func lines(of words: String, hanging: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in words.split(separator: " ", omittingEmptySubsequences: false) {
            if !line.isEmpty, line.count + word.count >= columns {
                lines.append(line)
                line = hanging + word
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        return lines + [line]
    }
}

extension WrittenYAML {
    /// Takes one line, however long.
    fileprivate var isScalar: Bool { scalarText != nil }

    /// The value in flow style, where it is a scalar, empty, or holds nothing but short scalars.
    fileprivate var onOneLine: String? {
        switch self {
        case .scalar, .text: return scalarText
        case .list(let elements):
            guard elements.count <= 12, elements.allSatisfy(\.isShort) else { return nil }
            return "[\(elements.compactMap(\.scalarText).joined(separator: ", "))]"
        case .mapping(let members):
            guard members.count <= 6, members.allSatisfy({ $0.above.isEmpty && $0.value.isShort }) else { return nil }
            let pairs = members.map { "\(YAMLSpelling.of($0.key)): \($0.value.scalarText ?? "")" }
            return "{\(pairs.joined(separator: ", "))}"
        }
    }

    private var isShort: Bool {
        switch self {
        case .scalar: true
        case .text(let text): text.utf8.count < YAMLWriter.columns && !YAMLSpelling.fitsBlock(text)
        case .list, .mapping: false
        }
    }

    private var scalarText: String? {
        switch self {
        case .scalar(let text): text
        case .text(let text): YAMLSpelling.fitsBlock(text) ? nil : YAMLSpelling.of(text)
        case .list, .mapping: nil
        }
    }
}

extension String {
    fileprivate var dropLastBlank: String { hasSuffix(" ") ? String(dropLast()) : self }
}
