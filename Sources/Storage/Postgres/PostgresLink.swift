// SPDX-License-Identifier: Apache-2.0
import CPostgres
import Glibc

/// One session with a server, from its connection to its end; never used again after a fault that ends it.
final class PostgresLink {
    private let session: OpaquePointer
    /// The names of statements that the server has parsed, by text and the kinds of the parameters.
    private var prepared: [Kind: String] = [:]
    private let answerWait: Duration

    private struct Kind: Hashable {
        let sql: String
        let types: [Oid]
    }

    /// Code has a few dozen statements, some with nulls here or there; the bound guards against text made at run time.
    private static let preparedMax = 256

    /// Connects to the first host of the list that takes writes.
    ///
    /// - Throws: a fault without a state when there is none.
    init(_ terms: PostgresTerms, password: String?) throws(PostgresFault) {
        guard let made = Self.connect(terms, password) else {
            throw PostgresFault(sqlState: nil, message: "no memory for a connection")
        }
        session = made
        // The server cancels what takes too long; when it does not even do that, we go.
        answerWait = terms.statementWait + .seconds(5)
        guard PQstatus(session) == CONNECTION_OK else {
            throw PostgresFault(sqlState: nil, message: PQerrorMessage(session).oneLine)
        }
        // Otherwise libpq writes the server's notices to standard error, between our log's lines.
        PQsetNoticeReceiver(session, { _, _ in }, nil)
    }

    deinit { PQfinish(session) }

    /// Later values count more than earlier ones: what the site writes is between our defaults and our musts.
    private static func connect(_ terms: PostgresTerms, _ password: String?) -> OpaquePointer? {
        var settings: [(key: String, value: String)] = [
            ("target_session_attrs", "read-write"), ("connect_timeout", "\(Int(terms.connectWait / .seconds(1)))"),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "15000"), ("application_name", "berth"),
            ("dbname", terms.connection), ("client_encoding", "UTF8"),
        ]
        if let password { settings.append(("password", password)) }
        return withCStrings(settings.map(\.key)) { keys in
            withCStrings(settings.map(\.value)) { values in PQconnectdbParams(keys, values, 1) }
        }
    }

    var isInTransaction: Bool { canGoOn || PQtransactionStatus(session) == PQTRANS_INERROR }
    var canGoOn: Bool { PQtransactionStatus(session) == PQTRANS_INTRANS }

    var serverVersion: Int32 { PQserverVersion(session) }

    /// Runs statements without parameters, and gives the last one's answer.
    @discardableResult
    func run(_ script: String) throws(PostgresFault) -> PostgresResult {
        try answer(PQsendQuery(session, script))
    }

    func run(_ sql: String, _ parameters: [SQLValue]) throws(PostgresFault) -> PostgresResult {
        let name = try name(of: sql, parameters)
        let texts = parameters.map(\.postgresText)
        let isSent = withCStrings(texts) { values in
            PQsendQueryPrepared(session, name, Int32(texts.count), values, nil, nil, 0)
        }
        return try answer(isSent)
    }

    /// The server's name for the statement, parsed there if it is new.
    private func name(of sql: String, _ parameters: [SQLValue]) throws(PostgresFault) -> String {
        let types = parameters.map(\.postgresType)
        let key = Kind(sql: sql, types: types)
        if let known = prepared[key] { return known }
        if prepared.count >= Self.preparedMax {
            try run("DEALLOCATE ALL")
            prepared.removeAll()
        }
        let name = "s\(prepared.count)"
        _ = try answer(PQsendPrepare(session, name, sql, Int32(types.count), types))
        prepared[key] = name
        return name
    }

    private func answer(_ isSent: Int32) throws(PostgresFault) -> PostgresResult {
        guard isSent == 1 else { throw lost() }
        let deadline = ContinuousClock.now + answerWait
        var last: PostgresResult?
        var fault: PostgresFault?
        while true {
            while PQisBusy(session) == 1 { try readMore(until: deadline) }
            guard let next = PQgetResult(session) else { break }
            let result = PostgresResult(adopting: next)
            last = result
            if fault == nil { fault = result.fault }
        }
        // The server says goodbye in its own words before it goes, which tell more than what libpq finds then.
        if let fault { throw PQstatus(session) == CONNECTION_OK ? fault : lost(fault.message) }
        guard let last else { throw lost() }
        return last
    }

    private func readMore(until deadline: ContinuousClock.Instant) throws(PostgresFault) {
        var socket = pollfd(fd: PQsocket(session), events: Int16(POLLIN), revents: 0)
        let left = max(0, (deadline - .now) / .milliseconds(1))
        let count = poll(&socket, 1, Int32(left))
        if count == 0 { throw lost("no answer within \(Int(answerWait / .seconds(1))) s") }
        guard count > 0 || errno == EINTR else { throw lost() }
        guard PQconsumeInput(session) == 1 else { throw lost() }
    }

    private func lost(_ reason: String? = nil) -> PostgresFault {
        PostgresFault(sqlState: nil, message: reason ?? PQerrorMessage(session).oneLine)
    }
}

extension SQLValue {
    fileprivate var postgresType: Oid {
        switch self {
        // The server finds out from where it stands.
        case .null: 0
        case .integer: PostgresType.int8
        case .text: PostgresType.text
        case .bytes: PostgresType.bytes
        }
    }

    fileprivate var postgresText: String? {
        switch self {
        case .null: nil
        case .integer(let number): String(number)
        case .text(let text): text
        case .bytes(let bytes): "\\x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}

/// C's form of a list of texts, with null at its end and for each nil, while `body` runs.
private func withCStrings<Value>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value
) -> Value {
    let copies = texts.map { $0.flatMap { strdup($0) } }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { $0.map { UnsafePointer($0) } } + [nil]
    return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
}
