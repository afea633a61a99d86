// SPDX-License-Identifier: Apache-2.0
import HubAPI
import Logging
import SidecarTokens
import SpawnModel
import Telemetry

/// One line for what sidecars change and for what is refused to them, and a count of either.
struct SidecarDiary: Sendable {
    let log: Logger
    private let counters = DecisionCounters()

    init(log: Logger) { self.log = log }

    /// Nothing to tell of, only to count.
    func answered(_ call: SidecarCall) { counters.count(call.route.rawValue, "answered") }

    func noticed(_ call: SidecarCall, left: Int?) {
        note(call, "notice", .debug, "user told of the end", ["left_s": .string(left.map { String($0) } ?? "")])
    }

    func extended(_ call: SidecarCall, _ left: Duration?) {
        let left = left.map { String($0.wholeSeconds) } ?? ""
        note(call, "extended", .notice, "walltime extended by the user", ["left_s": .string(left)])
    }

    func stopping(_ call: SidecarCall, _ why: String) {
        note(call, "stopping", .notice, "the hub stops the server", ["reason": .string(why)])
    }

    func refused(_ problem: Problem, id: RequestID, _ path: String) {
        let route = SidecarRoute(rawValue: path)?.rawValue ?? "other"
        counters.count(route, problem.code)
        log.log(
            level: problem.status >= 500 ? .warning : .info, "sidecar refused",
            metadata: [
                "request_id": .string(id.description), "route": .string(route), "code": .string(problem.code),
                "detail": .string(problem.detail),
            ])
    }

    private func note(
        _ call: SidecarCall, _ code: String, _ level: Logger.Level, _ message: Logger.Message,
        _ more: Logger.Metadata = [:]
    ) {
        counters.count(call.route.rawValue, code)
        let server = call.reservation.server
        let facts: Logger.Metadata = [
            "request_id": .string(call.id.description), "reservation_id": .string(call.reservation.id),
            "deployment": .string(server.deployment), "user": .string(server.user), "server": .string(server.name),
            "pod": .string(call.pass.pod),
        ]
        log.log(level: level, message, metadata: facts.merging(more) { _, own in own })
    }
}
