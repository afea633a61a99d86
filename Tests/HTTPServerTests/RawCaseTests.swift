// SPDX-License-Identifier: Apache-2.0
import Testing

/// Every case of Cases/cases.tsv against a real server.
@Suite struct RawCaseTests {
    @Test(arguments: RawCase.all)
    func `a request sent whole gets an outcome that its rule allows`(_ raw: RawCase) throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        for part in raw.parts {
            client.send(part)
            if raw.parts.count > 1 { client.receive(withinMilliseconds: 100) }
        }
        try expectOutcome(of: raw, at: client)
    }

    /// Very long ones in pieces of an odd size, so that the suite stays quick.
    @Test(arguments: RawCase.all)
    func `a request sent byte by byte gets an outcome that its rule allows`(_ raw: RawCase) throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send(raw.bytes, pieces: raw.bytes.count > 2000 ? 97 : 1)
        try expectOutcome(of: raw, at: client)
    }

    @Test(arguments: RawCase.all)
    func `a request over TLS gets an outcome that its rule allows`(_ raw: RawCase) throws {
        let server = try SecureServer()
        let client = try server.client()
        for part in raw.parts {
            client.send(part)
            if raw.parts.count > 1 { client.receive(withinMilliseconds: 100) }
        }
        try expectOutcome(of: raw, at: client)
    }

    private func expectOutcome(of raw: RawCase, at client: RawClient) throws {
        guard !raw.outcomes.isEmpty else {
            client.receive(withinMilliseconds: 200)
            #expect(client.received.isEmpty, "\(raw.rule)")
            #expect(!client.hasEnded, "\(raw.rule)")
            return
        }
        if String(decoding: raw.bytes, as: UTF8.self).hasPrefix("HEAD") { client.methods = ["HEAD"] }
        let lasting = raw.outcomes.filter { !$0.mustClose }.map(\.statuses)
        let early = try client.answers(until: { lasting.contains($0.map(\.status)) })
        if lasting.contains(early.map(\.status)) { return }
        let closed = client.isClosed()
        let statuses = try client.answers().map(\.status)
        let fits = raw.outcomes.contains { $0.statuses == statuses && ($0.mustClose ? closed : true) }
        #expect(fits, "\(statuses), closed: \(closed); \(raw.rule)")
    }
}
