// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import JSONTree
import SpawnModel
import Testing

/// `inventory: {from: cluster}`.
struct ClusterInventoryTests {
    private let kubeconfig = """
        current-context: berth
        clusters: [{name: lab, cluster: {server: "https://10.0.0.1:6443"}}]
        users: [{name: berth, user: {token: abc}}]
        contexts: [{name: berth, context: {cluster: lab, user: berth, namespace: hub}}]
        """

    private let frame = """
        kubernetes: {kubeconfig: kube/config}
        seal: {key_file: seal.key}
        deployments: {production: {hook_token_file: production.token, namespace: jupyter, start_timeout: 7m}}

        """

    private func load(_ text: String) throws -> Sample.Outcome {
        let key = String(repeating: "k", count: 32)
        return try Sample(text, files: ["kube/config": kubeconfig, "seal.key": key]).load()
    }

    @Test func `no card has to be listed, and what is listed is kept for the nodes that are seen`() throws {
        let text =
            frame + """
                inventory:
                  from: cluster
                  stale_after: 45s
                  nodes: {n: {cards: [{uuid: GPU-1, product: x, memory: 80Gi, pools: [whole]}]}}
                pools:
                  whole: {mode: whole}
                  shares: {mode: shared, resource: mortalgpu/a100, unit: 100Mi, units_per_device: 400}
                pod: {tolerations: [{key: gpu, operator: Exists}], gpu_resource_prefixes: [nvidia.com/]}
                profiles:
                  - {display_name: A, gpu: {pool: whole, cards: 8}}

                """
        let outcome = try load(text)
        expect(outcome.faults + outcome.warnings, are: [])
        let site = try #require(outcome.site)
        #expect(site.inventory.nodes.isEmpty && site.inventory.pools.map(\.name) == ["whole", "shares"])
        let cluster = try #require(site.clusterInventory)
        #expect(cluster.devices.listed.map(\.name) == ["n"])
        #expect(cluster.devices.unitsPerDevice == ["shares": 400])
        #expect(cluster.devices.tolerations == [["key": "gpu", "operator": "Exists"]])
        #expect(cluster.devices.gpuResourcePrefixes == ["nvidia.com/"])
        #expect(cluster.terms == ClusterTerms(staleAfter: .seconds(45), holdTime: .seconds(420)))
        #expect(site.inventory.pools.map(\.deviceMemory) == [MiB(81_920), MiB(40_000)])
    }

    @Test func `the cluster, the seal and each hub's namespace have to be there`() throws {
        expect(
            try faults(in: "inventory: {from: cluster}\n"),
            are: [
                "berth.yaml:1:19: inventory.from: there is no cluster to look at. Add `kubernetes`: `{}` in a pod, a "
                    + "`kubeconfig` elsewhere.",
                "berth.yaml:1:19: inventory.from: cannot tell which pods have a reservation. Add `seal: {key_file: …}`; "
                    + "`openssl rand -hex 32` makes a key.",
            ])
        let text = frame.replacing(", namespace: jupyter", with: "") + "inventory: {from: cluster}\n"
        let outcome = try load(text)
        expect(
            outcome.faults + outcome.warnings,
            are: [
                "berth.yaml:3:15: deployments.production: the hub \"production\" says no `namespace`, so that its pods "
                    + "have no seal and would count twice. Add the Kubernetes namespace of its servers."
            ])
    }

    @Test func `what goes with the one source is refused with the other`() throws {
        expect(
            try faults(in: "inventory: {stale_after: 1m}\n"),
            are: [
                "berth.yaml:1:1: inventory: `nodes` is missing. List the nodes and their cards, or write `from: cluster`.",
                "berth.yaml:1:13: inventory.stale_after: goes with `from: cluster`. Remove it.",
            ])
        let young = try load(frame + "inventory: {from: cluster, stale_after: 5s}\n").faults
        #expect(young.count == 1 && young[0].hasPrefix("berth.yaml:4:41: inventory.stale_after:"), "\(young)")
        #expect(try faults(in: "inventory: {from: clouds, nodes: {}}\n").first?.hasPrefix("berth.yaml:1:19:") == true)
    }

    @Test func `a unit's size has to be said where no card tells it`() throws {
        let text =
            frame + """
                inventory: {from: cluster}
                pools:
                  shares: {mode: shared, resource: mortalgpu/a100, units_per_device: 400}

                """
        expect(
            try load(text).faults,
            are: [
                "berth.yaml:6:52: pools.shares.units_per_device: does not say how large a unit is, and no card of the pool "
                    + "is listed. Write the memory behind one unit beside it, such as `unit: 1Gi`."
            ])
    }
}
