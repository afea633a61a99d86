// SPDX-License-Identifier: Apache-2.0
package import GPULedger
import JSONTree

/// Usage as a text: what the command line prints and the route answers.
package struct UsageReport {
    package enum Format: String {
        case json, table, csv
    }

    private let list: AdminList

    package init(_ sums: [UsageSum], by grouping: UsageGrouping) { list = AdminList(usage: sums, by: grouping) }

    /// Ends with a line break.
    package func text(_ format: Format) -> String {
        switch format {
        case .json: list.json.pretty + "\n"
        case .table: TextTable(list).text
        case .csv: CSV(list).text
        }
    }
}
