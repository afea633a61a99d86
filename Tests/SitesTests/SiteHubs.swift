// SPDX-License-Identifier: Apache-2.0

/// The hubs of one site, each made when the first case is about it.
struct SiteHubs {
    private let folder: SiteFolder
    private let site: SiteExpectation
    private var hubs: [String?: Hub] = [:]

    init(_ folder: SiteFolder, _ site: SiteExpectation) {
        self.folder = folder
        self.site = site
    }

    mutating func hub(of aCase: Case) throws -> Hub {
        let deployment = aCase.deployment ?? aCase.who.first.flatMap { site.people[$0]?.deployment }
        let hub = try hubs[deployment] ?? Hub(folder, site, as: deployment)
        hubs[deployment] = hub
        return hub
    }

    func close() { for hub in hubs.values { hub.close() } }
}
