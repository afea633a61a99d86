// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPClient
import Identity
import JSONTree
import Logging
import SpawnModel
import SpawnPolicy

// Two things that no rule can say are left to other programs: something is made before a start, and put away after the
// stop. Each is asked by one POST, whose body names the start, so that a repeated question is known as one.

extension HubRoutes {
    /// What the programs of this start have answered, by their names.
    func answersOfPrograms(
        to call: HubCall, start: StartID, subject: Subject
    ) async throws(Problem) -> (answers: JSONObject, asked: [String]) {
        guard !call.site.programs.isEmpty else { return ([:], []) }
        let plan: CallPlan
        switch call.site.policy.plan(call.body["options"], for: subject) {
        case .success(let made): plan = made
        case .failure(let refusal): throw Problem(refusal)
        }
        var answers = JSONObject()
        var asked: [String] = []
        for name in plan.calls {
            guard let program = call.site.programs.first(where: { $0.name == name }) else { continue }
            asked.append(name)
            do throws(Problem) {
                answers[name] = try await answer(
                    of: program, question(.before, plan, start: start, of: call.server), call)
            } catch {
                putAway(asked, of: call.server, start: start, site: call.site)
                throw error
            }
        }
        return (answers, asked)
    }

    /// Tells the programs that a server is gone, in the background: a stop does not wait for them.
    func putAway(_ programs: [String], of server: ServerID, start: StartID, site: Site) {
        for name in programs {
            guard let program = site.programs.first(where: { $0.name == name }) else { continue }
            let question = question(.after, nil, start: start, of: server)
            farewells.say(request(to: program, question), to: name, start: start)
        }
    }

    private enum Event: String {
        case before, after
    }

    private func question(_ event: Event, _ plan: CallPlan?, start: StartID, of server: ServerID) -> JSON {
        var question: JSONObject = [
            "berth": 1, "event": JSON(event.rawValue), "deployment": JSON(server.deployment),
            "user": JSON(server.user), "server": JSON(server.name), "start": JSON(start.text),
        ]
        if let plan {
            question["profile"] = JSON(plan.profile)
            let choices = plan.choices.map { ($0.key, JSON($0.value)) }
            question["options"] = JSON(JSONObject(uniqueMembers: choices))
        }
        return JSON(question)
    }

    private func request(to program: ProgramTerms, _ question: JSON) -> HTTPClientRequest {
        var headers = [(name: "Content-Type", value: "application/json"), (name: "Accept", value: "application/json")]
        if let token = program.token { headers.append((name: "Authorization", value: token.bearer)) }
        var request = HTTPClientRequest(.post, program.url, headers: headers, body: question.bytes)
        request.isRepeatable = true
        request.timeout = program.timeout
        request.bodyBytesMax = 65_536
        return request
    }

    /// The `values` of its answer, an object.
    private func answer(of program: ProgramTerms, _ question: JSON, _ call: HubCall) async throws(Problem) -> JSON {
        do throws(ProgramFault) {
            let answer = try await read(program, question)
            if let refusal = answer["refuse"]?.string { throw .refused(refusal) }
            return answer["values"] ?? .emptyObject
        } catch {
            if case .failed(let reason) = error, !program.isRequired {
                diary.log.warning(
                    "a program that may fail has failed",
                    metadata: ["call": .string(program.name), "reason": .string(reason)])
                return .emptyObject
            }
            throw Problem(error, of: program)
        }
    }

    private func read(_ program: ProgramTerms, _ question: JSON) async throws(ProgramFault) -> JSON {
        let response: HTTPClientResponse
        do { response = try await asking.send(request(to: program, question)) } catch { throw .failed("\(error)") }
        guard response.status == 200 else { throw .failed("it answers with status \(response.status)") }
        guard let json = try? JSON(parsing: response.body), json.object != nil,
            json["values"].map({ $0.object != nil }) ?? true
        else { throw .failed("its answer is no object with `values` or `refuse`") }
        return json
    }
}

/// Why a program's answer does not let a start go on.
enum ProgramFault: Error {
    case refused(String)
    case failed(String)
}

extension Problem {
    init(_ fault: ProgramFault, of program: ProgramTerms) {
        switch fault {
        case .refused(let text):
            self.init(
                status: 403, code: "call-refused", detail: "call \(program.name) refuses the start",
                userMessage: text.isEmpty ? "This server may not be started now." : String(text.prefix(500)))
        case .failed(let reason):
            self.init(
                status: 503, code: "call-failed", detail: "call \(program.name): \(reason)",
                userMessage:
                    "Something that your server needs cannot be prepared right now. Try again in a few minutes.",
                retryAfter: .seconds(60))
        }
    }
}
