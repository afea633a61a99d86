// SPDX-License-Identifier: Apache-2.0

/// How a pod is asked for: `?as=json-patch` wants what changes instead of the whole, `?with=totals` what the pod takes
/// of a namespace's quota.
struct PodQuestion: Sendable {
    var asJSONPatch = false
    var withTotals = false

    /// - Throws: `Problem` 422 where the query holds anything else: a misspelled wish should not be passed over.
    init(query: String?) throws(Problem) {
        for part in (query ?? "").split(separator: "&") {
            switch part {
            case "as=json-patch": asJSONPatch = true
            case "with=totals": withTotals = true
            default: throw .malformed("the query's `\(part)`", "is neither `as=json-patch` nor `with=totals`")
            }
        }
    }
}
