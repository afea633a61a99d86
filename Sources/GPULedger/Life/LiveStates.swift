// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Reservation.State {
    /// The states that hold capacity, as SQL: the partial indices are used only where a condition has these very words.
    static let liveSQL = "('held', 'bound', 'running', 'overdue', 'releasing', 'lost')"
}
