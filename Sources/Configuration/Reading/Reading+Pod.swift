// SPDX-License-Identifier: Apache-2.0
import JSONTree
import PodPatching
import SpawnModel

extension Reading {
    mutating func pod(_ item: Item?, pools: [Pool]) -> PodTerms {
        var terms = PodTerms()
        terms.pools = pools
        terms.gpuResourcePrefixes = item?.texts("gpu_resource_prefixes") ?? Reading.prefixes(of: pools)
        guard let item else { return terms }
        readIdentity(item, &terms)
        readContainer(item, &terms)
        readPlacement(item, &terms)
        terms.lxcfs = item["lxcfs"].flatMap { lxcfs($0) }
        terms.sidecars = item["sidecars"].flatMap { sidecars($0) }
        terms.namespaceLimits =
            item.text("namespace_limits").flatMap(PodTerms.LimitCheck.init) ?? terms.namespaceLimits
        terms.endGrace = item.span("end_grace") ?? terms.endGrace
        terms.deadlineGrace = item.span("deadline_grace") ?? terms.deadlineGrace
        terms.extensionMax = item.span("extension_max") ?? terms.extensionMax
        return terms
    }

    /// NVIDIA's own, and what stands before the slash in every pool's resource.
    private static func prefixes(of pools: [Pool]) -> [String] {
        let names = pools.flatMap { [$0.resourceName] + $0.backend.resources.map(\.key) }
        let own = names.compactMap { name in name.firstIndex(of: "/").map { String(name[...$0]) } }
        return Set(own + ["nvidia.com/"]).sorted()
    }

    private func readIdentity(_ item: Item, _ terms: inout PodTerms) {
        terms.security = item.text("security").flatMap(PodSecurity.init) ?? terms.security
        terms.supplementalGroups =
            item.text("supplemental_groups").flatMap(PodTerms.SupplementalGroups.init) ?? terms.supplementalGroups
        terms.strictSupplementalGroups = item.flag("strict_supplemental_groups") ?? terms.strictSupplementalGroups
        terms.fsGroup = item.text("fs_group").flatMap(PodTerms.FSGroup.init)
        terms.claimsAreNFS = item.flag("claims_are_nfs") ?? terms.claimsAreNFS
    }

    private mutating func readContainer(_ item: Item, _ terms: inout PodTerms) {
        terms.container = item.text("container") ?? terms.container
        terms.environment = (item["environment"]?.members ?? []).compactMap { variable($0.key, $0.item) }
        terms.threadCountVariables = item.texts("thread_count_variables") ?? []
        terms.gpuEnvironment = item.texts("gpu_environment") ?? []
        terms.volumes = (item["volumes"]?.elements ?? []).compactMap { volume($0) }
        refuseRepeats(
            (item["volumes"]?.elements ?? []).compactMap { one in one.text("name").map { ($0, one) } }, "volume name")
        terms.volumeMounts = (item["volume_mounts"]?.elements ?? []).compactMap { mount($0) }
        terms.volumeMountsEverywhere = (item["volume_mounts_everywhere"]?.elements ?? []).compactMap { mount($0) }
        let mounts = (item["volume_mounts"]?.elements ?? []) + (item["volume_mounts_everywhere"]?.elements ?? [])
        refuseRepeats(mounts.compactMap { one in one.text("mountPath").map { ($0, one) } }, "mount path")
    }

    private func readPlacement(_ item: Item, _ terms: inout PodTerms) {
        terms.nodeSelector = item["node_selector"]?.textObject ?? terms.nodeSelector
        terms.tolerations = item["tolerations"]?.json ?? terms.tolerations
        terms.runtimeClassName = item.text("runtime_class")
        terms.priorityClassName = item.text("priority_class")
        terms.labels = item["labels"]?.textObject ?? terms.labels
        terms.annotations = item["annotations"]?.textObject ?? terms.annotations
    }

    private mutating func variable(_ name: String, _ item: Item) -> PodTerms.EnvironmentVariable? {
        if SecretWords.match(name), item.text != nil {
            fault(
                item, "a secret may not stand in this file",
                "Let the pod take it from a Kubernetes Secret: `{valueFrom: {secretKeyRef: …}}`.", atKey: true)
        }
        if let text = item.text { return PodTerms.EnvironmentVariable(name, text) }
        guard let source = item["valueFrom"], item.members.count == 1, source.isMapping else {
            if item.isMapping {
                fault(item, "is no `valueFrom`", "Write text, or `{valueFrom: {…}}` as in Kubernetes.")
            }
            return nil
        }
        return PodTerms.EnvironmentVariable(name, valueFrom: source.json)
    }

    private mutating func volume(_ item: Item) -> PodTerms.Volume? {
        if let volume = PodTerms.Volume(item.json) { return volume }
        if item.isMapping { fault(item, "has no `name`", "Write a Kubernetes volume: `{name: …, …}`.") }
        return nil
    }

    private mutating func mount(_ item: Item) -> PodTerms.VolumeMount? {
        if let mount = PodTerms.VolumeMount(item.json) { return mount }
        if item.isMapping {
            fault(item, "lacks `name` or `mountPath`", "Write a Kubernetes volume mount: `{name: …, mountPath: …}`.")
        }
        return nil
    }
}

// MARK: - LXCFS

extension Reading {
    private mutating func lxcfs(_ item: Item) -> PodTerms.LXCFS? {
        guard item.isMapping else { return nil }
        let directory = item.text("host_dir") ?? "/var/lib/lxcfs"
        let files = item.texts("files") ?? PodTerms.LXCFS.usualFiles
        let allowed = item.texts("runtime_allows") ?? PodTerms.LXCFS.usualFiles
        refuseForbidden(item["files"], allowed)
        do throws(PodTerms.LXCFS.Fault) {
            return try PodTerms.LXCFS(
                hostDirectory: directory, files: files, nodes: lxcfsNodes(item), runtimeAllows: allowed)
        } catch {
            lxcfsFault(error, item)
            return nil
        }
    }

    /// Each file that no pod could start with, not only the first.
    private mutating func refuseForbidden(_ files: Item?, _ allowed: [String]) {
        for file in files?.elements ?? [] {
            guard let path = file.text, !allowed.contains(path), !path.hasPrefix("/") else { continue }
            fault(
                file, "the runtime does not allow a mount over \(quoted(path)), and no pod would start",
                "Remove it, or add it to `runtime_allows` once the container runtime allows it.")
        }
    }

    private mutating func lxcfsFault(_ error: PodTerms.LXCFS.Fault, _ item: Item) {
        func written(_ path: String) -> Item {
            item["files"]?.elements.first { $0.text == path } ?? item["files"] ?? item
        }
        switch error {
        case .hostDirectoryNotAbsolute(let path):
            fault(
                item["host_dir"] ?? item, "\(quoted(path)) is not an absolute path",
                "Write where LXCFS is mounted on nodes, such as `/var/lib/lxcfs`.")
        case .noFiles: fault(item, "names no files", "Leave `files` out for the usual ones.")
        case .fileRepeated(let path): fault(written(path), "\(quoted(path)) stands here twice", "Keep one.")
        case .filePath(let path):
            fault(
                written(path), "\(quoted(path)) is not a path below `host_dir`",
                "Write it without a slash at its start and without `..`, such as `proc/meminfo`.")
        case .runtimeRefuses(let path):
            guard item["files"] == nil else { return }  // Told above, with its line.
            fault(
                item["runtime_allows"] ?? item, "does not list \(quoted(path)), which is one of the usual files",
                "List the `files` to mount.")
        case .cpuPairSplit(let present, let missing):
            fault(
                written(present), "\(quoted(present)) without \(quoted(missing)) shows two different CPU counts",
                "Add \(quoted(missing)), or remove this one.")
        }
    }

    private func lxcfsNodes(_ item: Item) -> PodTerms.LXCFS.Nodes {
        let otherwise = item.text("otherwise").flatMap(PodTerms.LXCFS.Nodes.Otherwise.init)
        return PodTerms.LXCFS.Nodes(
            label: nodeLabel(item["node_label"]), condition: item.text("node_condition"),
            otherwise: otherwise ?? .leaveOut)
    }

    private func nodeLabel(_ item: Item?) -> PodTerms.LXCFS.Nodes.Label? {
        guard let text = item?.text else { return nil }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return PodTerms.LXCFS.Nodes.Label(key: parts[0], value: parts.count == 2 ? parts[1] : nil)
    }
}

// MARK: - Sidecars

extension Reading {
    private mutating func sidecars(_ item: Item) -> PodTerms.Sidecars? {
        guard let image = item.text("image"), let url = item["berth_url"], let text = url.text else { return nil }
        if !text.hasPrefix("http://"), !text.hasPrefix("https://") {
            fault(url, "\(quoted(text)) is not a URL", "Write one such as `http://berth.jupyter:8090`.")
        }
        var sidecars = PodTerms.Sidecars(image: image, berthURL: text)
        sidecars.imagePullPolicy = item.text("image_pull_policy")
        sidecars.areNative = item.flag("native") ?? sidecars.areNative
        sidecars.walltimeCommand = item.texts("walltime_command") ?? sidecars.walltimeCommand
        sidecars.tokenCommand = item.texts("token_command") ?? sidecars.tokenCommand
        sidecars.credentialSecret = item.text("credential_secret") ?? sidecars.credentialSecret
        sidecars.credentialKey = item.text("credential_key") ?? sidecars.credentialKey
        if let written = item["warn_before"] { sidecars.warnBefore = written.elements.compactMap(\.span).sorted(by: >) }
        if let resources = item["resources"] { read(resources, &sidecars.resources) }
        return sidecars
    }

    private func read(_ item: Item, _ resources: inout PodTerms.Sidecars.Resources) {
        resources.cpuRequest = item.text("cpu_request") ?? resources.cpuRequest
        resources.cpuLimit = item.text("cpu_limit") ?? resources.cpuLimit
        resources.memoryRequest = item.text("memory_request") ?? resources.memoryRequest
        resources.memoryLimit = item.text("memory_limit") ?? resources.memoryLimit
    }
}
