// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import Synchronization

/// Watches all objects of one kind, and keeps what counts of them.
final class KindWatch<Value: Sendable & Hashable>: Sendable {
    private struct State {
        var seen: SeenObjects<Value>
        /// Why nothing comes at the moment.
        var fault: KubernetesError?
    }

    private let cluster: Cluster
    private let terms: WatchTerms
    private let fresh: SeenObjects<Value>
    private let state: Mutex<State>

    /// Whatever the watch has told, all is listed again after that.
    private static var relistEvery: Duration { .seconds(300) }

    init(_ cluster: Cluster, _ kind: ObjectKind, most: Int, read: @escaping @Sendable (JSON) -> Value?) {
        self.cluster = cluster
        terms = .soonAssured(kind)
        fresh = SeenObjects(most: most, read: read)
        state = Mutex(State(seen: fresh))
    }

    var seen: SeenObjects<Value> { state.withLock(\.seen) }
    var fault: KubernetesError? { state.withLock(\.fault) }

    func forget() { state.withLock { $0 = State(seen: fresh) } }

    /// Goes on until its task is cancelled.
    ///
    /// - Parameter basis: by what objects are read; where it has become another, all are read again.
    func run(_ basis: @escaping @Sendable () -> ObjectIdentifier) async {
        while !Task.isCancelled {
            await withTaskGroup { group in
                group.addTask {
                    await self.cluster.watch(
                        self.terms, failed: { fault in self.state.withLock { $0.fault = fault } },
                        change: { self.take($0) })
                }
                group.addTask { await Self.wait(while: basis) }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func take(_ change: WatchChange) {
        state.withLock { state in
            state.seen.apply(change, at: .now)
            state.fault = nil
        }
    }

    private static func wait(while basis: @Sendable () -> ObjectIdentifier) async {
        let (end, first) = (ContinuousClock.now + relistEvery * Double.random(in: 0.9...1), basis())
        while .now < end, basis() == first, (try? await Task.sleep(for: .seconds(1))) != nil {}
    }
}

extension WatchTerms {
    /// The server says every few seconds that nothing is new: a bookmark comes two seconds before the end of each
    /// connection. One that says nothing for longer is left before what it has told is too old.
    fileprivate static func soonAssured(_ kind: ObjectKind) -> WatchTerms {
        var terms = WatchTerms(kind, in: nil)
        terms.span = .seconds(4)
        terms.silence = .seconds(10)
        terms.pauseMost = .seconds(4)
        return terms
    }
}
