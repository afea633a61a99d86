// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// RFC 4180, with a header line. A text that a spreadsheet would take for a formula gets an apostrophe in front, which
/// it shows as text; numbers stay as they are.
struct CSV {
    let text: String

    init(_ list: AdminList) {
        let rows = zip(list.items, list.cells).map { item, cells in
            zip(list.columns, cells).map { column, cell in
                item[column]?.kind == .number ? cell : Self.field(Self.guarded(cell))
            }
        }
        text = ([list.columns] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    /// The starts that spreadsheets act on.
    private static func guarded(_ text: String) -> String {
        guard let first = text.unicodeScalars.first,
            "=+-@\t\r\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains(first)
        else { return text }
        return "'" + text
    }

    private static func field(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
