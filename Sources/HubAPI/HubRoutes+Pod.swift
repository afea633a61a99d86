// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HTTPServer
import JSONTree
import Logging
import PodPatching
import SpawnModel

extension HubRoutes {
    /// What must the pod look like? The manifest comes back patched under the terms of its reservation.
    ///
    /// A reservation that is bound already is read from memory and answered in place: a hub that asks again for the
    /// same start costs no write.
    func pod(_ call: HubCall, _ question: PodQuestion) -> HTTPAnswer {
        if let id = call.body["reservation_id"]?.string, let bound = ledger.boundReservation(id),
            bound.server == call.server
        {
            guard makesMounts(under: bound, at: call.site) else {
                return .now(
                    settled(call) { () throws(Problem) in
                        let patched = try call.site.patched(try call.pod(), under: bound, in: clusterFacts())
                        return try answer(call, bound, patched, question)
                    })
            }
            return later(call) { () async throws(Problem) in try await answer(call, bound, question) }
        }
        return later(call) { () async throws(Problem) in try await answer(call, try await boundNow(call), question) }
    }

    private func answer(
        _ call: HubCall, _ bound: Reservation, _ question: PodQuestion
    ) async throws(Problem) -> HTTPResponse {
        let patched = try await patched(try call.pod(), under: bound, at: call.site, makes: true)
        return try answer(call, bound, patched, question)
    }

    private func boundNow(_ call: HubCall) async throws(Problem) -> Reservation {
        guard let id = try HubCall.text("reservation_id", call.body["reservation_id"]) else {
            throw .malformed("reservation_id", "is missing: it is in the answer of pre-spawn")
        }
        do { return try await ledger.bind(id, server: call.server, now: now()) } catch { throw Problem(error) }
    }

    private func answer(
        _ call: HubCall, _ reservation: Reservation, _ patched: PatchedPod, _ question: PodQuestion
    ) throws(Problem) -> HTTPResponse {
        let objections = try objections(to: patched.pod, call, clusterFacts())
        // What was decided was logged at pre-spawn; a pod that came as it should is no news.
        let isNews = !patched.corrected.isEmpty || !patched.warnings.isEmpty || !objections.isEmpty
        diary.allowed(
            call, code: "patched", level: isNews ? .info : .debug,
            ["reservation_id": .string(reservation.id), "corrected": .stringConvertible(patched.corrected.count)])
        return .ok(
            try answer(patched, from: try call.pod(), warnings: patched.warnings + objections, question).bytes,
            to: call.id)
    }

    /// Why the namespace would refuse the pod, where the site only wants to be told.
    private func objections(
        to pod: JSON, _ call: HubCall, _ cluster: ClusterFacts
    ) throws(Problem) -> [String] {
        let check = call.site.pod.namespaceLimits
        guard check != .ignore, let namespace = call.deployment.namespace, let limits = cluster.namespaces[namespace]
        else { return [] }
        let objections: [NamespaceLimits.Objection]
        do { objections = try limits.objections(to: pod) } catch { throw Problem(error) }
        if check == .refuse, let first = objections.first { throw Problem(first, try totals(of: pod)) }
        return objections.map(\.description)
    }

    private func totals(of pod: JSON) throws(Problem) -> PodTotals {
        do { return try PodTotals(of: pod) } catch { throw Problem(error) }
    }

    private func answer(
        _ patched: PatchedPod, from pod: JSON, warnings: [String], _ question: PodQuestion
    ) throws(Problem) -> JSON {
        var answer = JSONObject()
        answer.reserve(4)
        if question.asJSONPatch {
            answer["patch"] = JSONPatch(from: pod, to: patched.pod).json
        } else {
            answer["pod"] = patched.pod
        }
        if question.withTotals {
            answer["totals"] = try totals(of: patched.pod).json
        }
        answer["corrected"] = JSON(patched.corrected.map { JSON($0) })
        answer["warnings"] = JSON(warnings.map { JSON($0) })
        return JSON(answer)
    }
}

extension HubCall {
    /// The manifest that the hub has made.
    func pod() throws(Problem) -> JSON {
        guard let pod = body["pod"], pod.kind == .object else {
            throw .malformed("pod", "must be the pod manifest, an object")
        }
        return pod
    }
}

extension PodTotals {
    /// CPU in millicores, memory in bytes, both rounded up.
    fileprivate var json: JSON {
        [
            "requests": requests.json, "limits": limits.json,
            "without_limits": JSON(withoutLimits.map { JSON($0) }),
        ]
    }
}

extension PodTotals.Amounts {
    fileprivate var json: JSON {
        ["cpu_millicores": JSON(cpu.milliRoundedUp), "memory_bytes": JSON(memory.roundedUp)]
    }
}
