// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import GPULedger
import Storage
import Testing

@Suite struct LedgerTests {
    static let remedy =
        "Write `host=db.example.org dbname=berth user=berth sslmode=verify-full`, and put the password into "
        + "`password_file`."

    @Test func `a ledger in PostgreSQL is read, with its password's file`() throws {
        let text = "ledger: {postgres: {connection: 'host=/run/postgresql dbname=berth', password_file: pass}}\n"
        let sample = try Sample(text, files: ["pass": "secret-word\n"])
        let outcome = sample.load()
        #expect(outcome.faults == [] && outcome.warnings == [])
        let file = sample.folder.path() + "/pass"
        let wanted = PostgresTerms(connection: "host=/run/postgresql dbname=berth", passwordFile: file)
        #expect(outcome.site?.ledger == .postgres(wanted))
    }

    @Test(arguments: [
        (
            "dbname=berth password=hunter2",
            "holds a password, which would be seen by whoever may read the configuration"
        ),
        ("host=db", "names no database"), ("berth at db", "is no connection string of PostgreSQL"),
    ])
    func `a connection that cannot be used is a fault, without its words`(connection: String, what: String) throws {
        expect(
            try faults(in: "ledger: {postgres: {connection: '\(connection)'}}\n"),
            are: ["berth.yaml:1:33: ledger.postgres.connection: \(what). \(Self.remedy)"])
    }

    @Test func `a server far away that is not verified is a warning`() throws {
        let found = try warnings(in: "ledger: {postgres: {connection: 'host=db dbname=berth'}}\n")
        #expect(found.count == 1 && found[0].contains("sslmode=verify-full"), "\(found)")
        let verified = "ledger: {postgres: {connection: 'host=db dbname=berth sslmode=verify-full'}}\n"
        #expect(try warnings(in: verified) == [])
    }

    @Test(arguments: ["{}", "{path: l, postgres: {connection: dbname=b}}", "{postgres: {}}"])
    func `a ledger is kept in one place`(ledger: String) throws {
        let found = try faults(in: "ledger: \(ledger)\n")
        #expect(found.count == 1 && found[0].hasPrefix("berth.yaml:1:"), "\(found)")
    }
}
