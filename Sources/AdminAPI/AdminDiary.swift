// SPDX-License-Identifier: Apache-2.0
import Configuration
import HubAPI
import Logging
import Telemetry

/// One log line and one count for each call of an operator.
struct AdminDiary: Sendable {
    let log: Logger
    private let counters = DecisionCounters()

    init(log: Logger) { self.log = log }

    func answered(_ call: AdminCall, _ route: AdminRoute) {
        counters.count(route.pattern, "answered")
        log.log(
            level: route.needs == .viewer ? .debug : .notice, "operator",
            metadata: [
                "request_id": .string(call.id.description), "route": .string(route.pattern),
                "actor": .string(call.caller.name), "role": .string(call.caller.role.rawValue),
            ])
    }

    /// Of a path that is none of ours nothing is said but that.
    func refused(_ problem: Problem, id: RequestID, _ route: AdminRoute?, _ caller: AdminCaller?) {
        let pattern = route?.pattern ?? "other"
        counters.count(pattern, problem.code)
        log.log(
            level: problem.status >= 500 ? .error : .notice, "operator refused",
            metadata: [
                "request_id": .string(id.description), "route": .string(pattern),
                "actor": .string(caller?.name ?? ""), "code": .string(problem.code),
                "detail": .string(problem.detail),
            ])
    }
}
