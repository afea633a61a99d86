// SPDX-License-Identifier: Apache-2.0
import JSONTree
import LastUse

extension ReservationUse {
    /// `measured_percent`, `measured_mib`, `measured_at`, and `measured_by`: `pod` or `devices`; null where unknown or
    /// stale.
    var json: JSON {
        var json = use.json
        json["measured_by"] = source.map { JSON($0.rawValue) } ?? .null
        return json
    }
}
