// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import Synchronization

/// A watch, and what it has told so far.
final class Watching: Sendable {
    private struct State {
        var set = ObjectSet()
        var words: [String] = []
        var failures: [KubernetesError] = []
        var lists = 0
        var assurances = 0
    }

    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ cluster: Cluster, _ terms: WatchTerms) {
        let task = Task { [weak self] in
            await cluster.watch(terms, failed: { self?.note($0) }, change: { self?.note($0) })
        }
        self.task.withLock { $0 = task }
    }

    deinit { task.withLock { $0?.cancel() } }

    private func note(_ error: KubernetesError) { state.withLock { $0.failures.append(error) } }

    private func note(_ change: WatchChange) {
        state.withLock { state in
            state.set.apply(change)
            switch change {
            case .page(let page): if page.isFirst { state.lists += 1 }
            case .set(let object): state.words.append("set \(object["metadata"]?["name"]?.string ?? "")")
            case .gone(let object): state.words.append("gone \(object["metadata"]?["name"]?.string ?? "")")
            case .current: state.assurances += 1
            }
        }
    }

    var isComplete: Bool { state.withLock(\.set.isComplete) }
    /// What came behind the list, in its order.
    var words: [String] { state.withLock(\.words) }
    var failures: [KubernetesError] { state.withLock(\.failures) }
    /// How often the server has said that nothing is new.
    var assurances: Int { state.withLock(\.assurances) }
    /// How often all was read.
    var lists: Int { state.withLock(\.lists) }
    var names: [String] { state.withLock { $0.set.objects.keys.map(\.name) }.sorted() }
    /// By name.
    var versions: [String: String] {
        state.withLock { state in
            Dictionary(
                state.set.objects.map { ($0.name, $1["metadata"]?["resourceVersion"]?.string ?? "") },
                uniquingKeysWith: { $1 })
        }
    }

    func cancel() async {
        let task = self.task.withLock { $0 }
        task?.cancel()
        await task?.value
    }
}

/// Waits for what others bring about. The bound is for hanging tests only.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return false
}

extension WatchTerms {
    /// Those that tests wait for are soon over.
    static func maps(in namespace: String, _ change: (inout WatchTerms) -> Void = { _ in }) -> WatchTerms {
        var terms = WatchTerms(.configMap, in: namespace)
        terms.firstPause = .milliseconds(20)
        terms.pauseMost = .milliseconds(200)
        change(&terms)
        return terms
    }
}
