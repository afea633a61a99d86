// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// How far a site's configuration is what its operators have.
struct SiteResult: Sendable {
    let name: String
    var about = ""
    var isComposed = false
    var features: [String] = []
    var featuresSaid: Set<String> = []
    var cases = 0
    /// What is not as expected; empty when all holds that is claimed to.
    var wrong: [String] = []
    /// Cases that are said not to hold, and do.
    var nowHolds: [String] = []
    /// What cannot be said.
    var gaps: [String] = []
    /// How often `berth check` warns.
    var warnings = 0

    var isFull: Bool { gaps.isEmpty && wrong.isEmpty && nowHolds.isEmpty }

    /// Asked once, whichever test comes first.
    static func of(_ folder: SiteFolder) async -> SiteResult {
        await tasks[folder.name]?.value ?? SiteResult(name: folder.name)
    }

    private static let tasks = Dictionary(
        uniqueKeysWithValues: SiteFolder.all.map { folder in (folder.name, Task { await asked(folder) }) })

    private static func asked(_ folder: SiteFolder) async -> SiteResult {
        var result = SiteResult(name: folder.name)
        do { try await result.run(folder) } catch { result.wrong.append("\(error)") }
        return result
    }

    private mutating func run(_ folder: SiteFolder) async throws {
        let site = try folder.expectation()
        about = site.about
        isComposed = site.sources.isEmpty
        features = site.features
        featuresSaid = site.featuresSaid
        gaps = site.gaps
        cases = site.cases.count
        var hubs = SiteHubs(folder, site)
        defer { hubs.close() }
        for aCase in site.cases {
            let hub = try hubs.hub(of: aCase)
            warnings = hub.warnings.count
            note(try await CaseRun.findings(of: aCase, site, at: hub), of: aCase)
        }
    }

    private mutating func note(_ findings: [String], of aCase: Case) {
        if aCase.cannot == nil { wrong += findings }
        if aCase.cannot != nil, findings.isEmpty { nowHolds.append(aCase.it) }
    }
}
