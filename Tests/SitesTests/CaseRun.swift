// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONTree

/// Puts a case's questions to the hub's routes, and tells what is not as expected.
struct CaseRun {
    let site: SiteExpectation
    let hub: Hub
    private(set) var wrong: [String] = []

    init(_ site: SiteExpectation, at hub: Hub) {
        self.site = site
        self.hub = hub
    }

    /// - Returns: a sentence for each thing that is wrong; none when the case holds.
    static func findings(of aCase: Case, _ site: SiteExpectation, at hub: Hub) async throws -> [String] {
        var run = CaseRun(site, at: hub)
        for who in aCase.who {
            try await run.check(aCase, run.person(who))
        }
        return run.wrong.map { "\(aCase.it): \($0)" }
    }

    private func person(_ name: String) throws -> Person {
        guard let person = site.people[name] else { throw Slip("there is no \(name) among the people") }
        return person
    }

    private mutating func check(_ aCase: Case, _ person: Person) async throws {
        // A person's own first: two may stand for one user at two times.
        hub.programs.begin(aCase.programs + person.lookUps + site.people.values.flatMap(\.lookUps))
        let others = try aCase.beside.enumerated().map { place, beside in
            try self.person(beside.who).question(
                server: "beside-\(place)", start: Self.newStart(), ["options": beside.start])
        }
        for body in others {
            let answer = try await hub.ask("/v1/hub/pre-spawn", body)
            if answer.status != 200 { wrong.append("a server beside it is refused: \(answer.body.text)") }
        }
        if aCase.form.isAsked { try await checkForm(aCase.form, person) }
        if let options = aCase.start { try await checkStart(aCase, options, person) }
        for body in others { _ = try await hub.ask("/v1/hub/post-stop", body) }
    }

    private static func newStart() -> String { UUID().uuidString }

    // MARK: The form

    private mutating func checkForm(_ wanted: FormExpectation, _ person: Person) async throws {
        let body = person.question(server: "", start: "form", ["last_options": wanted.last ?? .null])
        let (status, answer) = try await hub.ask("/v1/hub/options-form", body)
        let shown = status == 200 ? FormLines.of(answer["profiles"]) : answer["code"] ?? .null
        if let form = wanted.shown { compare("the form of \(person.name)", form, shown) }
        let page = answer["html"]?.string ?? answer["user_message"]?.string ?? ""
        for text in wanted.page where !page.contains(text) { wrong.append("the page lacks: \(text)") }
        let rows = answer["availability"]?.array ?? []
        for (place, count) in wanted.free {
            let row = rows.first { row in
                [row["profile"], row["option"], row["choice"]].compactMap { $0?.string }.joined(separator: "/") == place
            }
            compare("free of \(place)", count, row?["free_now"] ?? .null)
        }
    }

    // MARK: The start

    private mutating func checkStart(_ aCase: Case, _ options: JSON, _ person: Person) async throws {
        let start = Self.newStart()
        let body = person.question(server: aCase.server, start: start, ["options": options])
        let (status, answer) = try await hub.ask("/v1/hub/pre-spawn", body)
        check(aCase.outcome, status, answer)
        if status == 200 {
            if aCase.pod.isAsked { try await checkPod(aCase, start, answer, person) }
            let stopped = try await hub.ask("/v1/hub/post-stop", body).body
            if let kinds = aCase.outcome.deleted { compare("deleted", kinds, Self.kinds(of: stopped["delete"])) }
        }
        if let asked = aCase.outcome.asked {
            let events = await hub.programs.events(of: start, asked.count)
            compare("asked", JSON(asked.map { JSON($0) }), JSON(events.map { JSON($0) }))
        }
        if aCase.isSentAsForm { try await checkSentForm(options, status, answer, aCase.outcome, person) }
    }

    private mutating func check(_ wanted: Outcome, _ status: Int, _ answer: JSON) {
        if let code = wanted.refused {
            let found = status == 200 ? "allowed" : answer["code"]?.string ?? ""
            if found != code { wrong.append("wanted the refusal \(code), found \(found): \(answer.text.prefix(600))") }
        } else if status != 200 {
            return wrong.append("refused: \(answer.text)")
        }
        if let words = wanted.says {
            let said = answer["user_message"]?.string ?? answer["message"]?.string ?? ""
            if !said.contains(words) { wrong.append("the user is not told \"\(words)\" but \"\(said)\"") }
        }
        for (pointer, value) in wanted.answer { compare("answer", pointer, value, in: answer) }
        for (pointer, value) in wanted.traits { compare("traits", pointer, value, in: answer["overrides"] ?? .null) }
        if let names = wanted.rules { compare("rules", names, Self.names(of: answer["rules"])) }
        for (key, value) in wanted.objects { checkObject(key, value, in: answer["objects"]) }
    }

    /// `rule staff (line 3)` is `staff`.
    private static func names(of rules: JSON?) -> JSON {
        JSON((rules?.array ?? []).compactMap(\.string).map { JSON(String($0.split(separator: " ")[1])) })
    }

    private static func kinds(of objects: JSON?) -> JSON {
        JSON((objects?.array ?? []).compactMap { $0["kind"]?.string }.sorted().map { JSON($0) })
    }

    private mutating func checkObject(_ key: String, _ wanted: JSON, in objects: JSON?) {
        let object = objects?.array?.first { $0["manifest"]?["metadata"]?["labels"]?["berth.io/object"]?.string == key }
        guard !wanted.isNull else {
            if let object { wrong.append("the object \(key) is made: \(object.text)") }
            return
        }
        guard let object else { return wrong.append("the object \(key) is not made") }
        for (pointer, value) in wanted.object ?? JSONObject() {
            let part = pointer == "lifetime" ? "/lifetime" : "/manifest" + pointer
            compare("object \(key)", part, value, in: object)
        }
    }

    /// What the form's check says of the same choice: whether it is valid, and if not, by the same code.
    private mutating func checkSentForm(
        _ options: JSON, _ status: Int, _ answer: JSON, _ wanted: Outcome, _ person: Person
    ) async throws {
        let body = person.question(server: "", start: "form", ["form": FormFields.of(options)])
        let sent = try await hub.ask("/v1/hub/options", body)
        let found = sent.status == 200 ? JSON("allowed") : sent.body["code"] ?? .null
        compare("sent as a form", JSON(wanted.refused ?? "allowed"), found)
        guard status == 200, sent.status == 200 else { return }
        let again = person.question(server: "", start: Self.newStart(), ["options": sent.body["user_options"] ?? .null])
        let other = try await hub.ask("/v1/hub/pre-spawn", again).body
        _ = try await hub.ask("/v1/hub/post-stop", again)
        compare("traits by form", answer["overrides"] ?? .null, other["overrides"] ?? .null)
    }

    // MARK: The pod

    private mutating func checkPod(_ aCase: Case, _ start: String, _ answer: JSON, _ person: Person) async throws {
        let body = person.question(
            server: aCase.server, start: start,
            ["reservation_id": answer["reservation_id"] ?? .null, "pod": try aCase.hubPod.pod()])
        let (status, patched) = try await hub.ask("/v1/hub/pod", body)
        guard status == 200, let pod = patched["pod"] else {
            let code = patched["code"]?.string ?? ""
            if aCase.pod.refused != code { wrong.append("the pod is refused: \(patched.text)") }
            return
        }
        if let code = aCase.pod.refused { wrong.append("wanted the pod refused with \(code)") }
        checkServer(aCase.pod, pod["spec"]?["containers"]?.entry(hub.serverContainer) ?? .null)
        for (pointer, value) in aCase.pod.fields { compare("pod", pointer, value, in: pod) }
    }

    private mutating func checkServer(_ wanted: PodExpectation, _ server: JSON) {
        for (name, value) in wanted.env {
            let entry = server["env"]?.entry(name)
            let found = value.object == nil ? entry?["value"] : entry.map { $0.without("name") }
            compare("env \(name)", value, found ?? .null)
        }
        for (path, value) in wanted.mounts {
            let entry = server["volumeMounts"]?.entry(path) ?? .null
            guard let members = value.object else {
                compare("mount \(path)", value, entry)
                continue
            }
            for (key, member) in members { compare("mount \(path) \(key)", member, entry[key] ?? .null) }
        }
    }

    // MARK: Comparing

    private mutating func compare(_ what: String, _ pointer: String, _ wanted: JSON, in json: JSON) {
        do { compare("\(what) \(pointer)", wanted, try json.found(at: pointer) ?? .null) } catch {
            wrong.append("\(pointer) is no pointer: \(error)")
        }
    }

    private mutating func compare(_ what: String, _ wanted: JSON, _ found: JSON) {
        if !wanted.isEquivalent(to: found) { wrong.append("\(what): wanted \(wanted.text), found \(found.text)") }
    }
}

extension JSON {
    fileprivate func without(_ key: String) -> JSON {
        var object = self
        object[key] = JSON?.none
        return object
    }
}
