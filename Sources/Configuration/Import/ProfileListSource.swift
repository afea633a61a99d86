// SPDX-License-Identifier: Apache-2.0

/// Where in a file the profile list stands.
struct ProfileListSource {
    /// A list, or a mapping of profiles.
    let profiles: Item
    /// The values of the Zero to JupyterHub chart, where the list is one of them.
    let chart: Item?

    /// Nil after a fault that says where a list was looked for.
    static func find(in root: Item, _ findings: inout Findings) -> ProfileListSource? {
        if root.isList || root.isMappingOfProfiles { return ProfileListSource(profiles: root, chart: nil) }
        guard root.isMapping else {
            fault(root, "is \(root.kindWords), and no profile list", whereToLook, &findings)
            return nil
        }
        var lists: [(chart: YAMLPath?, item: Item)] = []
        collect(root, chain: [root], into: &lists)
        return choose(among: lists, root, &findings)
    }

    private static let whereToLook = """
        It is looked for as a plain list, as `profile_list`, as `singleuser.profileList` and as \
        `hub.config.KubeSpawner.profile_list`, the latter two under other keys too.
        """

    /// As deep as charts within charts go.
    private static let depthMost = 8

    private static func collect(_ item: Item, chain: [Item], into lists: inout [(chart: YAMLPath?, item: Item)]) {
        guard chain.count <= depthMost, lists.count < 20 else { return }
        for (key, member) in item.members {
            let isList = key == "profileList" || key == "profile_list" || key == "jupyterlab" && item.isProfiles
            if isList, !member.isNull {
                lists.append((chart(of: item, chain), member))
            } else if member.isMapping {
                collect(member, chain: chain + [member], into: &lists)
            }
        }
    }

    /// The values around `singleuser` or `hub.config.KubeSpawner`, which hold the list.
    private static func chart(of holder: Item, _ chain: [Item]) -> YAMLPath? {
        let keys = holder.path.description.split(separator: ".")
        if keys.last == "singleuser", chain.count >= 2 { return chain[chain.count - 2].path }
        if keys.suffix(3) == ["hub", "config", "KubeSpawner"], chain.count >= 4 { return chain[chain.count - 4].path }
        return nil
    }

    private static func choose(
        among lists: [(chart: YAMLPath?, item: Item)], _ root: Item, _ findings: inout Findings
    ) -> ProfileListSource? {
        guard let first = lists.first else {
            faultNone(root, &findings)
            return nil
        }
        let charts = Set(lists.map { $0.chart?.description ?? $0.item.path.description })
        guard charts.count == 1 else {
            let paths = lists.map { "`\($0.item.path)`" }.joined(separator: ", ")
            fault(
                first.item, "is one of several profile lists: \(paths)", "Copy one into a file of its own.", &findings)
            return nil
        }
        // The chart sets the traits of `hub.config` after its own.
        let used = lists.first { $0.item.path.description.hasSuffix("hub.config.KubeSpawner.profile_list") } ?? first
        for other in lists where other.item.path.description != used.item.path.description {
            findings.warn(
                Fault(
                    at: other.item.keyPlace, path: other.item.path.description,
                    what: "is not in use: `\(used.item.path)` replaces it", remedy: "Nothing to do."))
        }
        return checked(used.item, chart: used.chart.flatMap { root.item(at: $0) }, &findings)
    }

    private static func checked(_ list: Item, chart: Item?, _ findings: inout Findings) -> ProfileListSource? {
        if list.isPythonCode {
            fault(list, "is made by Python code", PythonSource.howToPrint, &findings)
        } else if list.scalar != nil {
            fault(list, "must be a list of profiles, not \(list.given)", whereToLook, &findings)
        } else if list.elements.isEmpty, list.members.isEmpty {
            fault(list, "is empty", "There is nothing to import.", &findings)
        } else {
            return ProfileListSource(profiles: list, chart: chart)
        }
        return nil
    }

    private static func faultNone(_ root: Item, _ findings: inout Findings) {
        if root["deployments"] != nil || root["profiles"]?.isList == true {
            return fault(
                root, "looks like a configuration of Berth's", "It needs no import: `berth check` it.", &findings)
        }
        let code = root.code(mentioning: "profile_list").first
        if let code {
            return fault(code, "sets the profile list by Python code", PythonSource.howToPrint, &findings)
        }
        fault(root, "holds no profile list", whereToLook, &findings)
    }

    private static func fault(_ item: Item, _ what: String, _ remedy: String, _ findings: inout Findings) {
        findings.fault(Fault(at: item.place, path: item.path.description, what: what, remedy: remedy))
    }
}

extension Item {
    /// KubeSpawner takes a mapping as well, in the order of its keys.
    fileprivate var isMappingOfProfiles: Bool {
        !members.isEmpty
            && members.allSatisfy { _, one in one["display_name"] != nil || one["kubespawner_override"] != nil }
    }

    /// `profiles` as Nebari has it.
    fileprivate var isProfiles: Bool { path.lastKey == "profiles" }

    /// The mapping at a path that was found here.
    fileprivate func item(at path: YAMLPath) -> Item? {
        if self.path.description == path.description { return self }
        for (_, member) in members where member.isMapping && path.description.hasPrefix(member.path.description) {
            if let found = member.item(at: path) { return found }
        }
        return nil
    }

    /// Texts anywhere inside that hold this word, such as blocks of Python in a chart's values.
    func code(mentioning word: String) -> [Item] {
        if let text = scalar?.text { return text.contains(word) ? [self] : [] }
        return (elements + members.map(\.item)).flatMap { $0.code(mentioning: word) }
    }
}
