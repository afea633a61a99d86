// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import Kubernetes

/// Writes and deletes objects for as long as this replica may, with patience where the API server is away.
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

    /// Sees to it that an overlay's object stands there as the manifest says.
    func write(_ manifest: JSON) async throws(UpkeepError) -> Outcome {
        let name = name(of: manifest)
        do throws(UpkeepError) {
            switch try await ensure(manifest) {
            case .created: return .created
            case .restored: return .restored
            case .unchanged: return .unchanged
            case .foreign:
                return .refused(
                    "\(name) is there with other contents, and is not Berth's. Delete it, or choose another "
                        + "`overlay.prefix`.")
            case .leaving: return .refused("\(name) is deleted and not gone yet: a finalizer holds it.")
            case .contested: return .refused("\(name) is changed by others again and again.")
            }
        } catch .cluster(.invalid(_, let reason)) {
            return .refused("\(name): \(reason)")
        }
    }

    /// Puts fields of an object that may change to what the manifest says, whoever owns them.
    func apply(_ manifest: JSON) async throws(UpkeepError) { _ = try await mend(manifest) }

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

    private func write<Value>(_ call: () async throws(KubernetesError) -> Value) async throws(UpkeepError) -> Value {
        guard mayWrite() else { throw .notLeading }
        return try await patience.call(call)
    }

    private func name(of manifest: JSON) -> ObjectName {
        guard let name = ObjectName(of: manifest) else { preconditionFailure("an overlay's manifest has a name") }
        return name
    }
}

extension ObjectWriter: OverlayEnsuring {
    func make(_ manifest: JSON) async throws(UpkeepError) -> JSON? {
        do throws(UpkeepError) {
            return try await write { () throws(KubernetesError) in
                try await cluster.create(manifest, isRepeatable: true)
            }
        } catch .cluster(.alreadyExists) {
            return nil
        }
    }

    func find(_ manifest: JSON) async throws(UpkeepError) -> JSON? {
        let name = name(of: manifest)
        return try await patience.call { () throws(KubernetesError) in try await cluster.get(name) }
    }

    func mend(_ manifest: JSON) async throws(UpkeepError) -> JSON {
        try await write { () throws(KubernetesError) in try await cluster.apply(manifest, force: true) }
    }

    func remove(_ found: JSON, of manifest: JSON) async throws(UpkeepError) {
        let metadata = found["metadata"]
        _ = try await delete(
            name(of: manifest), uid: metadata?["uid"]?.string, resourceVersion: metadata?["resourceVersion"]?.string)
    }
}
