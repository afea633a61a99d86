// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HTTPServer
import HubAPI
import JSONTree
import SpawnModel
import Telemetry

/// One question or order of an operator, read and checked as far as all are alike.
struct AdminCall: Sendable {
    let id: RequestID
    let caller: AdminCaller
    let site: Site
    let now: Instant
    let query: AdminQuery
    /// An empty object where no body came.
    let body: JSON

    init(_ request: HTTPRequest, id: RequestID, caller: AdminCaller, site: Site, now: Instant) throws(Problem) {
        self.id = id
        self.caller = caller
        self.site = site
        self.now = now
        query = try AdminQuery(request.head.query)
        guard !request.body.isEmpty else {
            body = .emptyObject
            return
        }
        do { body = try JSON(parsing: request.body) } catch {
            throw .adminMalformed("the body", "is not JSON: \(error)")
        }
        guard body.kind == .object else { throw .adminMalformed("the body", "must be a JSON object") }
    }

    /// - Throws: where the body has a member that is not among `known`: a misspelled wish should not be passed over.
    func members(_ known: String...) throws(Problem) {
        for (name, _) in body.object ?? [:] where !known.contains(name) {
            let words = known.map { "`\($0)`" }.joined(separator: ", ")
            throw .adminMalformed("`\(name.prefix(64))`", "is none of \(words)")
        }
    }

    func text(_ name: String, most: Int) throws(Problem) -> String? {
        guard let json = body[name], !json.isNull else { return nil }
        guard let text = json.string, text.utf8.count <= most, !text.unicodeScalars.contains(where: \.isControl) else {
            throw .adminMalformed("`\(name)`", "must be text of at most \(most) bytes on one line")
        }
        return text
    }

    func flag(_ name: String) throws(Problem) -> Bool {
        guard let json = body[name], !json.isNull else { return false }
        guard let flag = json.bool else { throw .adminMalformed("`\(name)`", "must be true or false") }
        return flag
    }

    /// Who changes something and why; whoever reads the audit later wants to know.
    func author() throws(Problem) -> Operator {
        guard let reason = try text("reason", most: 500), reason.contains(where: { !$0.isWhitespace }) else {
            throw .adminMalformed("`reason`", "is missing: say why, for the audit")
        }
        return Operator(
            name: caller.name, role: caller.role.rawValue, reason: reason, requestID: id.description)
    }

    func ok(_ json: JSON) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: [("Content-Type", "application/json"), ("X-Request-ID", id.description)],
            body: json.bytes)
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1: what would break a line of a log or a table.
    fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
