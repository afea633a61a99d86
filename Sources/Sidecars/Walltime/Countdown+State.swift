// SPDX-License-Identifier: Apache-2.0
package import JSONTree
import SpawnModel

extension Countdown {
    /// What a restarted sidecar goes on with.
    package func state(of reservation: String, at now: ClockReading) -> JSON {
        var state: JSONObject = ["reservation_id": JSON(reservation), "boot_id": JSON(now.bootID)]
        if let end {
            state["end_since_boot_ms"] = JSON(Int(end.wholeMilliseconds))
            state["ends_at"] = JSON((now.wall + (end - now.sinceBoot)).description)
        }
        state["warn_before_s"] = JSON(warnBefore.map { JSON(Int($0.wholeSeconds)) })
        state["warned_s"] = JSON(warned.sorted().map { JSON(Int($0.wholeSeconds)) })
        state["end_told"] = JSON(isEndTold)
        return JSON(state)
    }

    /// Nil when `state` is of another reservation, or none.
    ///
    /// After another boot the wall clock says what is left, since nothing else does.
    package init?(state: JSON, of reservation: String, at now: ClockReading) {
        guard state["reservation_id"]?.string == reservation else { return nil }
        self.init()
        if state["boot_id"]?.string == now.bootID {
            end = state["end_since_boot_ms"]?.int.map { .milliseconds($0) }
        } else if let endsAt = state["ends_at"]?.string.flatMap({ Instant(rfc3339: $0) }) {
            end = now.sinceBoot + (endsAt - now.wall)
        }
        warnBefore = (state["warn_before_s"]?.array ?? []).compactMap(\.span).sorted(by: >)
        warned = Set((state["warned_s"]?.array ?? []).compactMap(\.span))
        isEndTold = state["end_told"]?.bool ?? false
    }
}
