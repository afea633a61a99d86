// SPDX-License-Identifier: Apache-2.0
import GPULedger
import HTTPServer
import HubAPI
import JSONTree
import SpawnModel

extension AdminRoutes {
    /// The ledger's decisions wait while it sums up.
    static let usageDaysMost = 400

    /// GPU time and memory used in whole days of UTC; what runs is counted up to now. Without days, the last 30.
    func usage(_ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.query.names("from", "to", "by")
        let tomorrow = Instant(dayInUTC: call.now.dayInUTC + 1)
        let end = try call.query.day("to") ?? tomorrow
        let first = try call.query.day("from") ?? Instant(dayInUTC: end.dayInUTC - 30)
        guard let days = DayRange(from: first, to: end), days.count <= Self.usageDaysMost else {
            throw .adminMalformed(
                "`to`",
                "must be a day behind `from`, at most \(Self.usageDaysMost) days; `berth usage` has no such bound")
        }
        guard let grouping = UsageGrouping(rawValue: call.query["by"] ?? UsageGrouping.user.rawValue) else {
            let words = UsageGrouping.allCases.map(\.rawValue).joined(separator: ", ")
            throw .adminMalformed("`by`", "must be one of \(words)")
        }
        let sums: [UsageSum]
        do { sums = try await ledger.usage(days, by: grouping, now: call.now) } catch { throw Problem(error) }
        return try call.ok(AdminList(usage: sums, by: grouping))
    }
}

extension AdminList {
    /// Milli-card-seconds and MiB-seconds, and the same in hours for people.
    init(usage sums: [UsageSum], by grouping: UsageGrouping) {
        columns = [grouping.rawValue, "card_hours", "gib_hours", "milli_card_seconds", "mib_seconds"]
        items = sums.map { sum in
            [
                grouping.rawValue: JSON(sum.name), "card_hours": Self.hundredths(sum.milliCardSeconds, in: 3_600_000),
                "gib_hours": Self.hundredths(sum.mibSeconds, in: 3600 * 1024),
                "milli_card_seconds": JSON(Int(sum.milliCardSeconds)), "mib_seconds": JSON(Int(sum.mibSeconds)),
            ]
        }
    }

    /// With two decimals, rounded to zero.
    static func hundredths(_ amount: Int64, in unit: Int64) -> JSON {
        let (whole, rest) = amount.magnitude.quotientAndRemainder(dividingBy: unit.magnitude)
        let part = rest * 100 / unit.magnitude
        let sign = amount < 0 && whole + part > 0 ? "-" : ""
        return JSON(numberSpelling: "\(sign)\(whole).\(part < 10 ? "0" : "")\(part)") ?? .null
    }
}
