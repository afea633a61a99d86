// SPDX-License-Identifier: Apache-2.0
import HTTPServer

/// What the parser made of a client's bytes, in a form that can be compared.
struct ParserRun: Equatable {
    var events: [String] = []
    var fault: HTTPFault?
    /// Where the parser stopped: after the fault, or at the end.
    var stage: HTTPRequestParser.Stage = .idle

    /// Feeds the pieces one after the other.
    init(_ pieces: [[UInt8]], limits: HTTPLimits = HTTPLimits()) {
        var parser = HTTPRequestParser(limits: limits)
        do throws(HTTPFault) {
            for piece in pieces { try feed(piece, to: &parser) }
            stage = parser.stage
        } catch {
            fault = error
        }
    }

    private mutating func feed(_ piece: [UInt8], to parser: inout HTTPRequestParser) throws(HTTPFault) {
        var place = 0
        while let event = try parser.next(piece.span, from: &place) { events.append(ParserRun.text(event)) }
        precondition(place == piece.count, "a parser that wants more has taken all")
    }

    private static func text(_ event: HTTPRequestParser.Event) -> String {
        switch event {
        case .head(let head):
            let fields = head.headers.all.map { "\($0.name)=\($0.value)" }
            let path = "\(head.path)?\(head.query ?? "-")"
            return
                "\(head.method) \(path) \(head.version) \(head.body) \(head.persists) \(head.expectsContinue) \(fields)"
        case .body(let body): return "body \(body)"
        }
    }
}
