// SPDX-License-Identifier: Apache-2.0
package import GPULedger
package import JSONTree
package import Kubernetes
package import Logging
package import SpawnModel
import Synchronization

/// Has the ledger follow a cluster: its nodes make the inventory, its pods say what is in use.
///
/// Every replica watches nodes, since each decides by them; pods are watched, and told to the ledger, by the one that
/// leads. A turn a second does what is due.
package final class GPUWatch: Sendable {
    let ledger: Ledger
    let terms: ClusterTerms
    let parts: Parts
    let log: Logger
    let metrics = GPUWatchMetrics()
    let nodes: KindWatch<SeenNode>
    let pods: KindWatch<SeenPod>
    let state = Mutex(State())

    /// What a watch asks others for.
    package struct Parts: Sendable {
        let setting: @Sendable () -> Setting
        let pod: @Sendable (JSON) -> SeenPod?
        let witness: any ClusterWitness
        let now: @Sendable () -> Instant

        /// - Parameter pod: how a pod's object is read by the setting of the moment; nil for one that does not count.
        package init(
            setting: @escaping @Sendable () -> Setting, pod: @escaping @Sendable (JSON) -> SeenPod?,
            witness: any ClusterWitness, now: @escaping @Sendable () -> Instant
        ) {
            self.setting = setting
            self.pod = pod
            self.witness = witness
            self.now = now
        }
    }

    /// What the configuration says, taken anew at each turn.
    package struct Setting: Sendable {
        /// Another where anything may be another.
        let id: ObjectIdentifier
        let pools: [Pool]
        let devices: DeviceTerms

        package init(id: ObjectIdentifier, pools: [Pool], devices: DeviceTerms) {
            self.id = id
            self.pools = pools
            self.devices = devices
        }
    }

    struct State {
        var history = NodeHistory()
        var inventory = Made()
        /// Whether this replica leads at the moment, while it seeks to.
        var isLeading: (@Sendable () -> Bool)?
        var observed = Observed()
        var told = Told()
    }

    /// The last inventory, and of what it was made.
    struct Made {
        var standings: [NodeStanding] = []
        var inventory: Inventory?
        var findings: Set<InventoryFinding> = []
        var revision = -1
        var setting: ObjectIdentifier?
        var at: ContinuousClock.Instant?
    }

    /// The last snapshot.
    struct Observed {
        var generation: Int64 = 0
        /// Of nodes and pods.
        var revisions = [-1, -1]
        var at: ContinuousClock.Instant?
    }

    /// What was last said of each trouble; nil while there is none.
    struct Told {
        var fault: String?
        var inventory: String?
        var ledger: String?
        var unseen: String?
    }

    package init(_ cluster: Cluster, _ ledger: Ledger, _ terms: ClusterTerms, _ parts: Parts, _ log: Logger) {
        self.ledger = ledger
        self.terms = terms
        self.parts = parts
        self.log = log
        nodes = KindWatch(cluster, .node, most: Self.nodesMost) { SeenNode($0) }
        pods = KindWatch(cluster, .pod, most: Self.podsMost, read: parts.pod)
    }

    /// Twice what Kubernetes is made for. Each kept takes some 1 KB.
    private static let nodesMost = 10_000
    /// Pods with a GPU only.
    private static let podsMost = 50_000
    /// Something may be due though nothing has changed: what is seen gets old, walltimes end, nodes are waited for.
    static let turnsLeast = Duration.seconds(5)

    /// Goes on until its task is cancelled.
    package func run() async {
        await withTaskGroup { group in
            group.addTask { await self.nodes.run { self.parts.setting().id } }
            group.addTask {
                while !Task.isCancelled {
                    await self.turn()
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    func turn() async {
        await renewInventory(at: .now)
        if isLeading { await observe(at: .now) }
        tellWhatIsUnseen()
    }

    /// Whether `words` is a trouble that was not told yet, or none where there was one.
    func isNews(_ trouble: WritableKeyPath<Told, String?>, _ words: String?) -> Bool {
        state.withLock { state in
            defer { state.told[keyPath: trouble] = words }
            return state.told[keyPath: trouble] != words
        }
    }
}
