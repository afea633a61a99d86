// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// Aligned columns under their names, for people with curl. Numbers stand at the right.
struct TextTable {
    let text: String

    init(_ list: AdminList) {
        let rows = list.cells.map { $0.map { $0.isEmpty ? "-" : Self.printable($0) } }
        let titles = list.columns.map { $0.uppercased() }
        let widths = titles.indices.map { column in
            ([titles] + rows).map { $0[column].count }.max() ?? 0
        }
        let isNumber = list.columns.map { column in
            !list.items.isEmpty && list.items.allSatisfy { $0[column]?.kind == .number || $0[column]?.isNull != false }
        }
        text = ([titles] + rows).map { row in
            let cells = row.indices.map { place in
                let gap = String(repeating: " ", count: widths[place] - row[place].count)
                return isNumber[place] ? gap + row[place] : row[place] + gap
            }
            return Self.trimmed(cells.joined(separator: "  ")) + "\n"
        }.joined()
    }

    private static func trimmed(_ line: String) -> String {
        var line = line[...]
        while line.last == " " { line.removeLast() }
        return String(line)
    }

    /// A name from outside must not break the line or paint the terminal.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "?" : $0 }))
    }
}
