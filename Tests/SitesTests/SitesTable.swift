// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONTree

/// The table of sites: expressed fully, or but for what.
enum SitesTable {
    static func text(_ results: [SiteResult]) -> String {
        let width = results.map(\.name.count).max() ?? 0
        let rows = results.flatMap { result in
            let gap = String(repeating: " ", count: width - result.name.count + 2)
            let lines = result.verdicts
            return ["\(result.name)\(gap)\(lines[0])"]
                + lines.dropFirst().map { String(repeating: " ", count: width + 2) + $0 }
        }
        let full = results.filter(\.isFull).count
        let unsaid = unsaid(in: results)
        let features = unsaid.isEmpty ? "" : "said by no site: \(unsaid.joined(separator: " "))\n"
        return rows.joined(separator: "\n") + "\n" + features + "\(full) of \(results.count) configurations"
    }

    /// Features that sites need and none can say.
    static func unsaid(in results: [SiteResult]) -> [String] {
        Set(results.flatMap(\.features)).subtracting(results.flatMap(\.featuresSaid)).sorted()
    }

    /// Also into the file that the environment names, for `scripts/show/sites`.
    static func write(_ results: [SiteResult]) throws {
        guard let path = ProcessInfo.processInfo.environment["BERTH_SITES_TABLE"] else { return }
        let table: JSON = [
            "sites": JSON(results.map(\.json)), "unsaid": JSON(unsaid(in: results).map { JSON($0) }),
        ]
        try Data(table.text.utf8).write(to: URL(filePath: path))
    }
}

extension SiteResult {
    /// At least one line.
    fileprivate var verdicts: [String] {
        let failed = wrong + nowHolds.map { "holds now: \($0)" }
        if !failed.isEmpty { return failed.map { "FAILS: \($0)" } }
        return gaps.isEmpty ? ["fully, \(cases) cases"] : gaps.map { "but for: \($0)" }
    }

    fileprivate var json: JSON {
        [
            "name": JSON(name), "about": JSON(about), "composed": JSON(isComposed), "cases": JSON(cases),
            "features": JSON(features.count), "wrong": JSON((wrong + nowHolds).map { JSON($0) }),
            "gaps": JSON(gaps.map { JSON($0) }), "warnings": JSON(warnings),
        ]
    }
}
