// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Configuration

/// `BERTH_RENEW=1 swift test --filter ReferenceTests` writes the tables of config/reference.md anew; the difference is
/// then reviewed.
@Suite struct ReferenceTests {
    @Test func `the reference's tables say what the code says, key for key`() throws {
        let file = Repository.root.appending(path: "config/reference.md")
        let page = try String(contentsOf: file, encoding: .utf8)
        let mark = "--filter ReferenceTests -->\n"
        let words = try #require(page.components(separatedBy: mark).first)
        let written = words + mark + "\n" + KeyTables.all
        if ProcessInfo.processInfo.environment["BERTH_RENEW"] != nil { try Data(written.utf8).write(to: file) }
        #expect(try String(contentsOf: file, encoding: .utf8) == written)
    }
}

/// A table for each shape, in the order in which a reader of the file meets them.
private struct KeyTables {
    private var tables: [String] = []
    private var named: Set<String> = []

    static var all: String {
        var tables = KeyTables()
        tables.add(Language.site)
        return tables.tables.joined(separator: "\n")
    }

    private mutating func add(_ shape: Shape) {
        guard named.insert(shape.name).inserted else { return }
        let keys = shape.keys.filter { $0.notYet == nil }
        let rows = keys.map { key in
            "| `\(key.name)`\(key.isRequired ? " (needed)" : "") | \(words(of: key.kind)) | \(cell(key.about)) |\n"
        }
        tables.append("### `\(shape.name)`\n\n\(shape.about)\n\n| key | value | |\n|---|---|---|\n" + rows.joined())
        for key in keys { addShapes(in: key.kind) }
    }

    private mutating func addShapes(in kind: Kind) {
        switch kind {
        case .shape(let shape): add(shape())
        case .list(let element, _): addShapes(in: element)
        case .table(let value, _): addShapes(in: value)
        case .either(let kinds): for kind in kinds { addShapes(in: kind) }
        case .rule: add(Language.rule)
        case .text, .name, .flag, .integer, .span, .memory, .file, .oneOf, .anything, .object: break
        }
    }

    private func words(of kind: Kind) -> String {
        switch kind {
        case .shape(let shape): "`\(shape().name)`"
        case .list(let element, _): "list of \(words(of: element))"
        case .table(let value, _): "names, each with \(words(of: value))"
        case .either(let kinds): kinds.map { words(of: $0) }.joined(separator: ", or ")
        case .rule: "`rule`, or a list of them"
        case .name: "name"
        case .span: "span"
        case .memory: "memory"
        case .file: "file"
        case .flag: "true, false"
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .oneOf(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .text: "text"
        case .anything: "anything"
        case .object: "mapping"
        }
    }

    /// On one line, with no sign that would end a cell.
    private func cell(_ text: String) -> String {
        text.replacingOccurrences(of: "\n", with: " ").replacingOccurrences(of: "|", with: "\\|")
    }
}
