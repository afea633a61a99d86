// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPServer
import JSONTree
import SpawnForm
import SpawnModel
import SpawnPolicy

extension HubRoutes {
    /// What may this user start, and what is free right now? Never an empty form: JupyterHub would start a default.
    func optionsForm(_ call: HubCall, _ subject: Subject) throws(Problem) -> HTTPResponse {
        let offer = call.site.policy.offer(for: subject, lastOptions: call.body["last_options"])
        if let refusal = offer.refusal { throw Problem(refusal) }
        guard !offer.profiles.isEmpty else { throw nothingAllowed(to: subject, call) }
        let at = now()
        let asker = QuotaAsker(server: call.server, groups: subject.groups ?? [], quotas: call.site.quotas)
        let rows = AvailabilityRow.rows(of: offer, for: asker, from: ledger, at: at)
        diary.allowed(call, code: "shown")
        return .ok(
            JSON([
                "html": JSON(page(offer, rows, at)),
                "profiles": offer.profileList,
                "availability": JSON(rows.map { $0.json(at: at) }),
                "notice": offer.notice.map { JSON($0) } ?? .null,
                "snapshot_at": JSON(at.description),
            ]).bytes, to: call.id)
    }

    private func page(_ offer: Offer, _ rows: [AvailabilityRow], _ at: Instant) -> String {
        Page.standard.html(offer, free: Dictionary(rows.map { ($0.place, $0.words(at: at)) }) { first, _ in first })
    }

    /// The policy's own words for it: what a start without options would be told.
    private func nothingAllowed(to subject: Subject, _ call: HubCall) -> Problem {
        switch call.site.policy.decide(nil, for: subject) {
        case .refuse(let refusal): Problem(refusal)
        case .allow:
            Problem(
                status: 500, code: "offer-contradicts-decision", detail: "nothing is offered, and a start is allowed",
                userMessage: "What you may start cannot be said. Please tell the hub's operators.")
        }
    }

    /// Is this choice valid? The form's fields become `user_options`, or each faulty field gets its sentence.
    func options(_ call: HubCall, _ subject: Subject) throws(Problem) -> HTTPResponse {
        guard let form = call.body["form"], form.object != nil else {
            throw .malformed("form", "must be an object: a list of strings for each field")
        }
        switch call.site.policy.read(form: form, for: subject) {
        case .options(let options):
            diary.allowed(call, code: "valid")
            return .ok(JSON(["user_options": options]).bytes, to: call.id)
        case .errors(let errors):
            throw Problem(errors)
        }
    }
}

extension Problem {
    init(_ errors: [FieldError]) {
        self.init(
            status: 422, code: errors.first?.code.rawValue ?? Refusal.Reason.optionsMalformed.rawValue,
            detail: errors.map { "\($0.field): \($0.code.rawValue)" }.joined(separator: "; "),
            userMessage: errors.map(\.message).joined(separator: " "))
        fieldErrors = errors.map { FieldProblem(field: $0.field, code: $0.code.rawValue, message: $0.message) }
    }
}
