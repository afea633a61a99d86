// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// One thing that must be so at a site: what a person is shown, or what comes of a start.
struct Case: Sendable {
    /// A sentence that could be false.
    let it: String
    /// Which of README.md's odd ones it shows.
    let odd: Int?
    /// Each of them alike.
    let who: [String]
    /// Instead of the person's own.
    let deployment: String?
    let form: FormExpectation
    /// What the form is filled in with; nil where only the form is looked at.
    let start: JSON?
    /// The same choice must come to the same answer when it is sent as a form.
    let isSentAsForm: Bool
    let server: String
    /// Servers that run at the time.
    let beside: [Beside]
    /// What programs outside answer to it, by address.
    let programs: [(address: String, answer: JSON)]
    let outcome: Outcome
    let pod: PodExpectation
    let hubPod: HubPodTerms
    /// Why the case does not hold; it must then not hold, so that nobody forgets to take this away.
    let cannot: String?
    let cannotFeatures: [String]

    struct Beside: Sendable {
        let who: String
        let start: JSON
    }
}

/// What the start page must be.
struct FormExpectation: Sendable {
    /// The options of an earlier start.
    let last: JSON?
    /// A line for each profile: `slug* | option: choice* choice +`, where `*` marks defaults and `+` a text of one's
    /// own; or the code of a refusal.
    let shown: JSON?
    /// Texts that stand in the page.
    let page: [String]
    /// `profile/option/choice` to how many are free now.
    let free: [(place: String, count: JSON)]

    var isAsked: Bool { shown != nil || !page.isEmpty || !free.isEmpty }
}

/// What a start must come to.
struct Outcome: Sendable {
    /// The code of a refusal; nil: it is allowed.
    let refused: String?
    /// Stands in the words for the user.
    let says: String?
    /// Members of the answer, such as `profile`, `image`, `walltime_s`.
    let answer: [(pointer: String, value: JSON)]
    let traits: [(pointer: String, value: JSON)]
    /// Names of the rules that had a say, in order.
    let rules: JSON?
    /// By their names in the file: members, by pointer; null for one that is not made.
    let objects: [(key: String, value: JSON)]
    /// What is deleted after the stop, by kind, sorted.
    let deleted: JSON?
    /// What programs outside were asked before the start and told after the stop.
    let asked: [String]?
}

/// What the patched pod must be.
struct PodExpectation: Sendable {
    /// The code of a refusal to patch it.
    let refused: String?
    /// Variables of the server's container: a text, the rest of the entry, or null for none.
    let env: [(name: String, value: JSON)]
    /// Mounts of the server's container by path: some of the entry's members, or null for none.
    let mounts: [(path: String, value: JSON)]
    /// By pointer; see `JSON.found(at:)`.
    let fields: [(pointer: String, value: JSON)]

    var isAsked: Bool { refused != nil || !env.isEmpty || !mounts.isEmpty || !fields.isEmpty }
}

extension Case {
    init(_ json: JSON, pod: HubPodTerms, _ site: String) throws {
        let place = "\(site), \(json["it"]?.string ?? "a case without `it`")"
        var members = try Members(json, place)
        it = try members.text("it") ?? ""
        odd = members.take("odd")?.int
        who = try members.texts("who")
        deployment = try members.text("deployment")
        start = members.take("start")
        isSentAsForm = try members.flag("by_form")
        server = try members.text("server") ?? ""
        beside = try (members.take("beside")?.array ?? []).map { try Beside($0, place) }
        programs = try members.mapping("programs").map { ($0.key, $0.value) }
        hubPod = try members.take("hub_pod").map { try HubPodTerms($0, place) } ?? pod
        cannot = try members.text("cannot")
        cannotFeatures = try members.texts("cannot_features")
        form = try FormExpectation(&members)
        outcome = try Outcome(&members)
        self.pod = try PodExpectation(&members)
        try members.finish()
        guard !it.isEmpty, !who.isEmpty else { throw Slip("\(place): says no `it` or no `who`") }
        guard start != nil || form.isAsked else { throw Slip("\(place): asks for nothing") }
    }
}

extension Case.Beside {
    init(_ json: JSON, _ place: String) throws {
        var members = try Members(json, place + ", beside")
        who = try members.text("who") ?? ""
        start = members.take("start") ?? .emptyObject
        try members.finish()
    }
}

extension FormExpectation {
    fileprivate init(_ members: inout Members) throws {
        last = members.take("last")
        shown = members.take("form")
        page = try members.texts("page")
        free = try members.mapping("free").map { ($0.key, $0.value) }
    }
}

extension Outcome {
    fileprivate init(_ members: inout Members) throws {
        refused = try members.text("refused")
        says = try members.text("says")
        var answer = try members.mapping("answer").map { (pointer: $0.key, value: $0.value) }
        for key in ["profile", "image", "walltime_s", "idle_s"] {
            if let value = members.take(key) { answer.append(("/" + key, value)) }
        }
        if let gpu = members.take("gpu") { answer.append(("/reservation/gpu", gpu)) }
        self.answer = answer
        traits = try members.mapping("traits").map { ($0.key, $0.value) }
        rules = members.take("rules")
        objects = try members.mapping("objects").map { ($0.key, $0.value) }
        deleted = members.take("deleted")
        let asked = try members.texts("asked")
        self.asked = asked.isEmpty ? nil : asked
    }
}

extension PodExpectation {
    fileprivate init(_ members: inout Members) throws {
        refused = try members.text("pod_refused")
        env = try members.mapping("env").map { ($0.key, $0.value) }
        mounts = try members.mapping("mounts").map { ($0.key, $0.value) }
        fields = try members.mapping("pod").map { ($0.key, $0.value) }
    }
}
