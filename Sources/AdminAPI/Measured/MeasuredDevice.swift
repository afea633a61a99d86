// SPDX-License-Identifier: Apache-2.0
package import GPULedger
package import JSONTree
package import MeasuredUse
package import SpawnModel

/// What is measured of a device, beside what is booked on it.
package struct MeasuredDevice {
    private let use: Use
    private let unaccounted: MiB?

    package init(_ row: DeviceRow, _ board: UseBoard, now: Instant) {
        use = board.use(ofDevice: row.device, now: now)
        unaccounted = use.memory.map { Self.unaccounted($0.value, on: row) }
    }

    /// What drivers and each process' own start take, which nobody books.
    private static func slack(_ row: DeviceRow) -> MiB { MiB(512 * (1 + row.reservationIDs.count)) }

    /// Memory in use beyond what all on the device may use together: a process outside of Kubernetes, or a pod that sees
    /// cards which it has not asked for. None up to a slack.
    private static func unaccounted(_ memory: MiB, on row: DeviceRow) -> MiB {
        let excess = memory - row.limits
        return excess > slack(row) ? excess : MiB(0)
    }

    /// `measured_percent`, `measured_mib`, `measured_at`, `unaccounted_mib`: null where unknown or stale.
    package var json: JSON {
        var json = use.json
        json["unaccounted_mib"] = unaccounted.map { JSON($0.count) } ?? .null
        return json
    }
}

extension Use {
    var json: JSON {
        [
            "measured_percent": busy.map { JSON($0.value) } ?? .null,
            "measured_mib": memory.map { JSON($0.value.count) } ?? .null,
            "measured_at": at.map { JSON($0.description) } ?? .null,
        ]
    }
}

extension JSON {
    /// An object with the other's members behind its own.
    func merged(with other: JSON) -> JSON {
        var json = self
        for (name, value) in other.object ?? [:] { json[name] = value }
        return json
    }
}
