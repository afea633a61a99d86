// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Reservation.State {
    /// The states that hold capacity, as a condition in SQL: the partial indices are used only where a condition has these
    /// very words.
    static func isLiveSQL(_ column: String = "state") -> String { anySQL(column, live.map(\.rawValue)) }

    private static let live: [Reservation.State] = [.held, .bound, .running, .overdue, .releasing, .lost]

    /// As the schema's older steps have it.
    static let liveList = "('held', 'bound', 'running', 'overdue', 'releasing', 'lost')"
}

/// Whether the column has one of the words. Not `IN`: of more than two words SQLite makes a table, anew each time, at ten
/// times the cost of the comparisons.
func anySQL(_ column: String, _ words: [String]) -> String {
    "(" + words.map { "\(column) = '\($0)'" }.joined(separator: " OR ") + ")"
}
