// SPDX-License-Identifier: Apache-2.0
import Configuration
import Identity
import Logging
import SpawnModel
import Telemetry

/// One structured log line and one count for each decision, so that every answer can be found under its request id.
struct DecisionDiary: Sendable {
    let log: Logger
    let memory = DecisionMemory()
    private let now: @Sendable () -> Instant
    private let counters = DecisionCounters()

    init(log: Logger, now: @escaping @Sendable () -> Instant) {
        self.log = log
        self.now = now
    }

    /// The hub got what it asked for; `facts` are the route's own log fields.
    func allowed(
        _ call: HubCall, code: String, level: Logger.Level = .info, _ facts: @autoclosure () -> Logger.Metadata = [:]
    ) {
        counters.count(call.route.rawValue, code)
        guard call.route.startsOrEnds || log.logLevel <= level else { return }
        let facts = facts()
        if call.route.startsOrEnds { note(call, code: code, facts: facts) }
        log.log(
            level: level, "decision", metadata: facts.merging(fields(of: call, code: code)) { _, own in own })
    }

    func refused(_ call: HubCall, _ problem: Problem) {
        counters.count(call.route.rawValue, problem.code)
        note(call, code: problem.code, detail: problem.detail)
        var metadata = fields(of: call, code: problem.code)
        metadata["status"] = .stringConvertible(problem.status)
        metadata["detail"] = .string(problem.detail)
        log.log(level: problem.status >= 500 ? .error : .notice, "decision", metadata: metadata)
    }

    /// It is decided without knowing whether the server will get its access tokens.
    func loginUnknown(_ call: HubCall, _ why: String) {
        let fields = fields(of: call, code: "login-unknown")
        log.warning("no access token yet", metadata: fields.merging(["reason": .string(why)]) { _, own in own })
    }

    private func note(_ call: HubCall, code: String, detail: String = "", facts: Logger.Metadata = [:]) {
        memory.note(
            NotedDecision(
                at: now(), requestID: call.id.description, deployment: call.deployment.name, user: call.user.name,
                server: call.server.name, start: call.start?.text ?? "",
                question: call.route.rawValue.split(separator: "/").last.map(String.init) ?? "", code: code,
                detail: detail, facts: facts.mapValues { "\($0)" }))
    }

    /// A request that never became a call: wrong path, token or body.
    func note(_ problem: Problem, id: RequestID, path: String) {
        counters.count(HubRoute(rawValue: path)?.rawValue ?? "other", problem.code)
        log.notice(
            "request refused",
            metadata: [
                "request_id": .string(id.description), "path": .string(String(path.prefix(256))),
                "code": .string(problem.code), "detail": .string(problem.detail),
            ])
    }

    private func fields(of call: HubCall, code: String) -> Logger.Metadata {
        var fields: Logger.Metadata = [
            "request_id": .string(call.id.description), "route": .string(call.route.rawValue),
            "deployment": .string(call.deployment.name), "user": .string(call.user.name),
            "server": .string(call.server.name), "start": .string(call.start?.text ?? ""), "code": .string(code),
        ]
        if let actingFor = call.actingFor { fields["acting_for"] = .string(actingFor) }
        return fields
    }
}
