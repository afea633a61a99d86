// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Identity

extension Site {
    /// The site that the file and those it includes describe, once nothing in them is wrong.
    ///
    /// - Parameters:
    ///   - path: shown in faults as it is given.
    ///   - secrets: whether token files and variables, and the ledger's folder, must be there.
    /// - Throws: every fault there is, at once; nothing of the file is then in use.
    package static func load(path: String, secrets: SecretsNeed) throws(ConfigurationFaults) -> LoadedSite {
        var findings = Findings()
        let included = Includes.tree(from: path, &findings)
        let files = included.files
        guard let tree = included.tree else { throw findings.asError(files, included.stamps) }
        let root = Item(node: tree, path: .root)
        ShapeCheck.check(root, &findings)

        var reading = Reading(of: root, secrets: secrets, findings: findings)
        let site = reading.site(root)
        let stamps = included.stamps + reading.stamps
        guard reading.findings.faults.isEmpty else { throw reading.findings.asError(files, stamps) }
        return LoadedSite(
            site: site, warnings: reading.findings.warnings.inOrder(of: files), files: files, stamps: stamps)
    }
}

extension Reading {
    /// One line a section of the file.
    fileprivate mutating func site(_ root: Item) -> Site {
        let identity = identity(root["identity"])
        let nameForms = Reading.nameForms(root["identity"]?["compare"])
        wanted = WantedNames(forms: nameForms, mappings: identity)
        let issuers = issuers(root["identity"], identity)
        let deployments = deployments(root["deployments"])
        checkTokens(root["deployments"], of: deployments, issuers)
        let directory = directory(root["directory"])
        let lookUps = lookUps(root["lookups"], beside: directory, root)
        checkUsersTokens(root["lookups"], of: lookUps, deployments)
        let listed = inventory(root)
        let pod = pod(root["pod"], pools: listed.pools)
        let clusterInventory = clusterInventory(root, listed.nodes, pod, deployments)
        let inventory = clusterInventory == nil ? listed : Inventory(nodes: [], pools: listed.pools)
        let images = images(root["images"])
        let policy = policy(root, images: images, pools: PoolInUse.all(in: inventory))
        let site = Site(
            listen: listen(root["listen"]), tls: tls(root["tls"], beside: root["listen"]),
            limits: limits(root["limits"]), ledger: ledger(root["ledger"]), retention: retention(root["ledger"]),
            deployments: deployments, identity: identity, issuers: issuers,
            issuersCAFile: authorities(root["identity"]?["ca_file"]), nameForms: nameForms,
            directory: directory, lookUps: lookUps, cluster: cluster(root["kubernetes"]), policy: policy,
            programs: programs(root["calls"]),
            inventory: inventory, clusterInventory: clusterInventory, quotas: quotas(root),
            measuredUse: measuredUse(root["measured_use"]), pod: pod, sealKeys: sealKeys(root),
            admission: admission(root["admission"], tls: root["tls"], seal: root["seal"]),
            admin: admin(root["admin"], of: deployments, issuers),
            log: root["log"]?.text("level").flatMap(Site.LogLevel.init) ?? .info)
        warnUnmetClaims(root["deployments"])
        checkCredentials(root)
        checkNamespaces(root["deployments"], of: deployments, directory)
        warnUnreadSources(root["identity"], of: deployments)
        warnOfForbiddenVolumes(root)
        warnOfUntoldUse(root, of: deployments)
        return site
    }

    /// A pod hangs whose sidecars' credential nobody can make.
    private mutating func checkCredentials(_ root: Item) {
        guard let sidecars = root["pod"]?["sidecars"], root["kubernetes"] != nil, root["seal"] == nil else { return }
        fault(sidecars, "get no credential, since nothing signs it", "Add `seal: {key_file: …}`.", atKey: true)
    }

    /// Rules on claims are never met by users of a hub whose claims are not trusted.
    private mutating func warnUnmetClaims(_ item: Item?) {
        guard usesClaims else { return }
        for (name, deployment) in item?.members ?? [] where deployment.text("trust") ?? "none" == "none" {
            warn(
                deployment,
                "rules ask for claims, and none of the hub \(quoted(name)) are trusted, so that they are never met",
                "Write `trust: auth_state` if this hub keeps auth state.", atKey: true)
        }
    }
}

extension Findings {
    fileprivate func asError(_ files: [String], _ stamps: [FileStamp]) -> ConfigurationFaults {
        ConfigurationFaults(faults: faults.inOrder(of: files), warnings: warnings.inOrder(of: files), stamps: stamps)
    }
}

extension [Fault] {
    /// By file as they were read, then by line and column.
    func inOrder(of files: [String]) -> [Fault] {
        let ranks = Dictionary(files.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        func rank(_ place: Place) -> Int { ranks[place.file] ?? files.count }
        return enumerated().sorted { first, second in
            let (a, b) = (first.element.place, second.element.place)
            return (rank(a), a.line, a.column, first.offset) < (rank(b), b.line, b.column, second.offset)
        }.map(\.element)
    }
}
