// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HubAPI
import JSONTree
import Telemetry

enum ListFormat: String {
    case json, table, csv
}

/// An answer that is a list: whole as JSON, and the columns of it as a table for people or as CSV.
struct AdminList {
    /// Members of the items, in the order in which they are shown.
    let columns: [String]
    let items: [JSON]
    /// What asks for the rest; nil where this is all.
    var next: String?

    var json: JSON { ["items": JSON(items), "next": next.map { JSON($0) } ?? .null] }

    /// One text a cell; empty where there is nothing.
    var cells: [[String]] { items.map { item in columns.map { Self.text(of: item[$0]) } } }

    private static func text(of json: JSON?) -> String {
        guard let json, !json.isNull else { return "" }
        if let text = json.string { return text }
        if let elements = json.array { return elements.map { text(of: $0) }.joined(separator: " ") }
        return json.text
    }
}

extension AdminCall {
    /// In the format that the query asks for.
    func ok(_ list: AdminList) throws(Problem) -> HTTPResponse {
        switch try query.format() {
        case .json: return ok(list.json)
        case .table: return text(TextTable(list).text, "text/plain; charset=utf-8", list.next)
        case .csv: return text(CSV(list).text, "text/csv; charset=utf-8; header=present", list.next)
        }
    }

    private func text(_ text: String, _ type: String, _ next: String?) -> HTTPResponse {
        var headers = [("Content-Type", type), ("X-Request-ID", id.description)]
        if let next { headers.append(("X-Next", next)) }
        return HTTPResponse(status: 200, headers: headers, body: Array(text.utf8))
    }
}
