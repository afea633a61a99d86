// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension PolicyDiff.Outcome {
    /// One row a change, then a line that counts.
    var table: String {
        let heads = ["user", "", "what", "before", "after"]
        let rows = changed.flatMap { diff in
            diff.mainChanges.map { change in
                [
                    diff.user, change.kind.word, change.fact.words, (change.before ?? "-").shortened,
                    (change.after ?? "-").shortened,
                ]
            }
        }
        return (rows.isEmpty ? [] : Self.lines([heads] + rows)).joined(separator: "\n") + (rows.isEmpty ? "" : "\n\n")
            + summary
    }

    private var summary: String {
        let kinds = changed.flatMap(\.mainChanges).map(\.kind)
        func count(_ kind: StandingDiff.Change.Kind) -> Int { kinds.count { $0 == kind } }
        let counts = [
            Count.of(count(.gain), "gain"), "\(count(.loss)) \(count(.loss) == 1 ? "loss" : "losses")",
            Count.of(count(.change), "other change"),
        ]
        return
            "\(changed.count) of \(Count.of(userCount, "user")) would see a change: \(counts.joined(separator: ", "))"
    }

    private static func lines(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }

    /// Everything, also what the table leaves out as part of a profile that comes or goes.
    var json: JSON {
        [
            "users": JSON(userCount), "users_changed": JSON(changed.count),
            "changes": JSON(
                changed.flatMap { diff in
                    diff.changes.map { change in
                        var row = change.json.object ?? [:]
                        row["user"] = JSON(diff.user)
                        return JSON(row)
                    }
                }),
            "faults": JSON(faults.map { JSON($0) }),
        ]
    }
}

extension StandingDiff.Change.Kind {
    fileprivate var word: String {
        switch self {
        case .gain: "gains"
        case .loss: "loses"
        case .change: "changes"
        }
    }
}

extension String {
    /// Fit for a cell of a table.
    fileprivate var shortened: String {
        let most = 48
        let line = replacing("\n", with: " ")
        return line.count > most ? line.prefix(most - 1) + "…" : line
    }
}
