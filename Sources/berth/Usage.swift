// SPDX-License-Identifier: Apache-2.0
import AdminAPI
import ArgumentParser
import Configuration
import GPULedger
import SpawnModel

struct Usage: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say who has used how much GPU.",
        discussion: """
            Sums whole days in UTC; what runs is counted up to now. Reads the ledger beside a `berth serve` or without \
            one, and changes nothing. The numbers are those of /v1/admin/usage.
            """
    )

    @OptionGroup var configurationFile: ConfigurationFile

    @Option(help: "The first day, such as 2026-11-01. Default: 30 days before the last.")
    var from: String?

    @Option(help: "The day behind the last one. Default: tomorrow.")
    var to: String?

    @Option(help: "user, group, profile, pool or deployment.")
    var by = "user"

    @Option(help: "table, csv or json.")
    var format = "table"

    func run() throws {
        let now = Instant.now()
        let end = try to.map { try day("to", $0) } ?? Instant(dayInUTC: now.dayInUTC + 1)
        let first = try from.map { try day("from", $0) } ?? Instant(dayInUTC: end.dayInUTC - 30)
        guard let days = DayRange(from: first, to: end) else {
            throw ValidationError("--to takes a day behind --from, and at most a hundred years behind it.")
        }
        guard let grouping = UsageGrouping(rawValue: by) else {
            throw ValidationError("--by takes user, group, profile, pool or deployment.")
        }
        guard let format = UsageReport.Format(rawValue: format) else {
            throw ValidationError("--format takes table, csv or json.")
        }
        let store = try ledgerStore()
        do {
            let sums = try Ledger.usage(in: store, days, by: grouping, now: now)
            print(UsageReport(sums, by: grouping).text(format), terminator: "")
        } catch {
            throw Failure("\(error)")
        }
    }

    private func day(_ name: String, _ text: String) throws -> Instant {
        guard text.utf8.count == 10, let day = Instant(rfc3339: text + "T00:00:00Z") else {
            throw ValidationError("--\(name) takes a day such as 2026-11-28.")
        }
        return day
    }

    private func ledgerStore() throws -> LedgerStore {
        do { return try Site.load(path: configurationFile.path, secrets: .optional).site.ledger } catch {
            throw Failure(error.faults.map(\.description).joined(separator: "\n"))
        }
    }
}
