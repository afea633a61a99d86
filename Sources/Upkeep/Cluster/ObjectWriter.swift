// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes

/// Writes overlay objects so that they end as wanted, whoever else writes at the same time: another replica, a spawn, or
/// somebody with an editor.
struct ObjectWriter: Sendable {
    let cluster: Cluster
    let patience: Patience
    /// Asked before every write: a replica that leads no more leaves the rest to the one that does.
    let mayWrite: @Sendable () -> Bool

    enum Outcome: Sendable, Hashable {
        case created
        /// It was there with other contents or without its labels.
        case restored
        /// Somebody else has made it meanwhile, as wanted.
        case unchanged
        /// It can't be written, whatever is tried; others can.
        case refused(String)
    }

    private static let roundsMost = 4

    /// Sees to it that an immutable object stands there as the manifest says.
    func ensure(_ manifest: JSON) async throws(UpkeepError) -> Outcome {
        guard let name = ObjectName(of: manifest) else { preconditionFailure("an overlay's manifest has a name") }
        var isRestoring = false
        for _ in 0..<Self.roundsMost {
            do throws(UpkeepError) {
                _ = try await write { () throws(KubernetesError) in
                    try await cluster.create(manifest, isRepeatable: true)
                }
                return isRestoring ? .restored : .created
            } catch .cluster(.alreadyExists) {
                guard let found = try await get(name) else { continue }
                if let outcome = try await settle(found, manifest, name) { return outcome }
                isRestoring = true
            } catch .cluster(.invalid(_, let reason)) {
                return .refused("\(name): \(reason)")
            }
        }
        return .refused("\(name) is changed by others again and again.")
    }

    /// Nil once the one that was there is gone.
    private func settle(_ found: JSON, _ manifest: JSON, _ name: ObjectName) async throws(UpkeepError) -> Outcome? {
        switch ObjectState(of: found, wanted: manifest) {
        case .asWanted: return .unchanged
        case .withoutLabels:
            _ = try await write { () throws(KubernetesError) in try await cluster.apply(manifest, force: true) }
            return .restored
        case .otherContents:
            _ = try await delete(name, uid: found.uid, resourceVersion: found.resourceVersion)
            return nil
        case .foreign:
            return .refused(
                "\(name) is there with other contents, and is not Berth's. Delete it, or choose another `overlay.prefix`."
            )
        }
    }

    /// Puts fields of an object that may change to what the manifest says, whoever owns them.
    func apply(_ manifest: JSON) async throws(UpkeepError) {
        _ = try await write { () throws(KubernetesError) in try await cluster.apply(manifest, force: true) }
    }

    /// Deletes exactly the object that was seen, as it was then.
    ///
    /// - Returns: false when it is gone, or another one by now.
    func delete(_ name: ObjectName, uid: String?, resourceVersion: String?) async throws(UpkeepError) -> Bool {
        do throws(UpkeepError) {
            return try await write { () throws(KubernetesError) in
                try await cluster.delete(name, uid: uid, resourceVersion: resourceVersion)
            }
        } catch .cluster(.conflict) {
            return false
        }
    }

    private func get(_ name: ObjectName) async throws(UpkeepError) -> JSON? {
        try await patience.call { () throws(KubernetesError) in try await cluster.get(name) }
    }

    private func write<Value>(_ call: () async throws(KubernetesError) -> Value) async throws(UpkeepError) -> Value {
        guard mayWrite() else { throw .notLeading }
        return try await patience.call(call)
    }
}
