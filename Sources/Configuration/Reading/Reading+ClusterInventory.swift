// SPDX-License-Identifier: Apache-2.0
import GPULedger
import PodPatching

extension Reading {
    /// Whether nodes and pods of a cluster tell which cards there are.
    static func isFromCluster(_ root: Item) -> Bool { root["inventory"]?.text("from") == "cluster" }

    /// Nil where the file lists the cards.
    mutating func clusterInventory(
        _ root: Item, _ listed: [Inventory.Node], _ pod: PodTerms, _ deployments: [Deployment]
    ) -> ClusterInventory? {
        guard let item = root["inventory"], item.isMapping else { return nil }
        guard let from = item["from"], Reading.isFromCluster(root) else {
            checkFile(item)
            return nil
        }
        checkCluster(from, root)
        var devices = DeviceTerms()
        for (name, pool) in root["pools"]?.members ?? [] {
            devices.unitsPerDevice[name] = pool.integer("units_per_device")
        }
        devices.tolerations = pod.tolerations
        devices.gpuResourcePrefixes = pod.gpuResourcePrefixes
        devices.listed = listed
        let stale = span(item["stale_after"], within: .seconds(20) ... .seconds(600), "20s to 10m")
        let standard = ClusterTerms()
        return ClusterInventory(
            devices: devices,
            terms: ClusterTerms(
                staleAfter: stale ?? standard.staleAfter,
                holdTime: deployments.map(\.startTimeout).max() ?? standard.holdTime))
    }

    private mutating func checkFile(_ item: Item) {
        if item["nodes"] == nil {
            fault(
                item, "`nodes` is missing", "List the nodes and their cards, or write `from: cluster`.", atKey: true)
        }
        if let stale = item["stale_after"] {
            fault(stale, "goes with `from: cluster`", "Remove it.", atKey: true)
        }
    }

    /// Without a seal no pod is known to be its reservation's, and each would count twice.
    private mutating func checkCluster(_ from: Item, _ root: Item) {
        if root["kubernetes"] == nil {
            fault(from, "there is no cluster to look at", "Add `kubernetes`: `{}` in a pod, a `kubeconfig` elsewhere.")
        }
        guard root["seal"] != nil else {
            return fault(
                from, "cannot tell which pods have a reservation",
                "Add `seal: {key_file: …}`; `openssl rand -hex 32` makes a key.")
        }
        for (name, deployment) in root["deployments"]?.members ?? []
        where deployment.isMapping && deployment["namespace"] == nil {
            fault(
                deployment,
                "the hub \(quoted(name)) says no `namespace`, so that its pods have no seal and would count twice",
                "Add the Kubernetes namespace of its servers.", atKey: true)
        }
    }
}
