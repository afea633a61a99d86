// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import Kubernetes
import SpawnModel

/// What one start asks of the cluster, within one deadline.
struct ClusterCalls {
    /// Between looking and writing, others may change what stands there.
    private static let roundsMost = 4

    private let cluster: Cluster
    private let deadline: ContinuousClock.Instant

    init(_ cluster: Cluster, within timeout: Duration) {
        self.cluster = cluster
        deadline = .now + timeout
    }

    /// The object as it stands, made if need be.
    func settle(_ object: ObjectToMake) async throws(ObjectFault) -> StandingObject {
        guard let name = ObjectName(of: object.manifest) else { throw .kindUnknown(key: object.key) }
        switch object.lifetime {
        case .session: return try await create(object, name)
        case .user, .keep: return try await keep(object, name)
        }
    }

    // MARK: Of a session

    private func create(_ object: ObjectToMake, _ name: ObjectName) async throws(ObjectFault) -> StandingObject {
        for _ in 0..<Self.roundsMost {
            if let made = try await make(object.manifest) { return standing(object, name, made, .created) }
            guard let found = try await get(name) else { continue }
            switch object.holder(of: found) {
            case .others: throw .nameTaken(name)
            case .own where !found.isLeaving: return standing(object, name, found, .found)
            case .own, .earlierStart:
                guard !found.isLeaving else { throw .leaving(name) }
                try await delete(name, found)
            }
        }
        throw .leaving(name)
    }

    // MARK: Of a user

    private func keep(_ object: ObjectToMake, _ name: ObjectName) async throws(ObjectFault) -> StandingObject {
        guard let found = try await get(name) else { return try await keepNew(object, name) }
        guard case .own = object.holder(of: found) else { throw .nameTaken(name) }
        guard !found.isLeaving else { throw .leaving(name) }
        guard !object.isMadeOnce else { return standing(object, name, found, .found) }
        var manifest = object.manifest
        // So that one that took its place meanwhile is a conflict.
        manifest["metadata"]?["uid"] = found["metadata"]?["uid"]
        return standing(
            object, name, try await apply(manifest, force: true), .applied)
    }

    private func keepNew(_ object: ObjectToMake, _ name: ObjectName) async throws(ObjectFault) -> StandingObject {
        // Applied from the first, so that what the policy drops later goes. What is made once is created, which can't
        // change what another made a moment before.
        guard object.isMadeOnce else {
            return standing(
                object, name, try await apply(object.manifest, force: false), .created)
        }
        if let made = try await make(object.manifest) { return standing(object, name, made, .created) }
        guard let found = try await get(name) else { throw .leaving(name) }
        guard case .own = object.holder(of: found) else { throw .nameTaken(name) }
        return standing(object, name, found, .found)
    }

    private func apply(_ manifest: JSON, force: Bool) async throws(ObjectFault) -> JSON {
        do throws(KubernetesError) {
            return try await cluster.apply(manifest, force: force, timeout: left())
        } catch {
            throw .cluster(error)
        }
    }

    // MARK: Named by their contents

    /// Sees to it that an immutable object stands there as the manifest says, whoever made it, and stays until a pod
    /// mounts it: whoever tidies up leaves alone what is new, or was needed lately.
    func ensure(_ manifest: JSON, at now: Instant) async throws(ObjectFault) {
        let name = try name(of: manifest)
        for _ in 0..<Self.roundsMost {
            switch try await ensure(manifest, isLikelyThere: true) {
            case .created: return
            case .restored(let standing), .unchanged(let standing):
                if try await marked(standing, name, at: now) { return }
            case .foreign: throw .nameTaken(name)
            case .leaving, .contested: throw .leaving(name)
            }
        }
        throw .leaving(name)
    }

    /// How old the mark may be: well within the time that unneeded objects are left alone (`SyncLimits.spawnGrace`).
    private static let markAge = Duration.seconds(60)

    /// False where another object stands there by now, or none.
    private func marked(_ found: JSON, _ name: ObjectName, at now: Instant) async throws(ObjectFault) -> Bool {
        let metadata = found["metadata"]
        let times = [metadata?["creationTimestamp"], metadata?["annotations"]?[OverlayKeys.neededAt]]
        if times.contains(where: { $0?.string.flatMap(Instant.init(rfc3339:)).map { now < $0 + Self.markAge } ?? false }
        ) {
            return true
        }
        let mark: JSON = [
            "metadata": [
                "uid": metadata?["uid"] ?? .null, "annotations": [OverlayKeys.neededAt: JSON(now.description)],
            ]
        ]
        do throws(KubernetesError) {
            _ = try await cluster.patch(name, .merge, mark, timeout: left())
            return true
        } catch .conflict {
            return false
        } catch .notFound {
            return false
        } catch {
            throw .cluster(error)
        }
    }

    /// `metadata` of all that bear the label.
    func metadata(of kind: ObjectKind, in namespace: String, labels: String) async throws(ObjectFault) -> [JSON] {
        do throws(KubernetesError) {
            return try await cluster.listAll(
                kind, in: namespace, labels: labels, metadataOnly: true, timeout: left()
            ).items.compactMap { $0["metadata"] }
        } catch {
            throw .cluster(error)
        }
    }

    // MARK: Away with it

    /// Deletes it if it bears the reservation's id; what else is called so stays.
    func remove(_ name: ObjectName, of reservationID: String) async throws(ObjectFault) {
        guard let found = try await get(name), !found.isLeaving else { return }
        let labels = found["metadata"]?["labels"]
        guard labels?[ObjectLabel.managedBy]?.string == ObjectLabel.manager,
            labels?[ObjectLabel.reservation]?.string == reservationID
        else { return }
        try await delete(name, found)
    }

    /// Exactly the one that was found.
    private func delete(_ name: ObjectName, _ found: JSON) async throws(ObjectFault) {
        do throws(KubernetesError) {
            _ = try await cluster.delete(name, uid: found["metadata"]?["uid"]?.string, timeout: left())
        } catch .conflict {
            // Another stands there by now.
        } catch {
            throw .cluster(error)
        }
    }

    func get(_ name: ObjectName) async throws(ObjectFault) -> JSON? {
        do throws(KubernetesError) { return try await cluster.get(name, timeout: left()) } catch {
            throw .cluster(error)
        }
    }

    private func left() -> Duration { max(.milliseconds(1), deadline - .now) }

    private func standing(
        _ object: ObjectToMake, _ name: ObjectName, _ found: JSON, _ state: StandingObject.State
    ) -> StandingObject {
        StandingObject(
            key: object.key, lifetime: object.lifetime, name: name, uid: found["metadata"]?["uid"]?.string ?? "",
            state: state)
    }
}

extension ClusterCalls: OverlayEnsuring {
    func make(_ manifest: JSON) async throws(ObjectFault) -> JSON? {
        do throws(KubernetesError) {
            return try await cluster.create(manifest, timeout: left())
        } catch .alreadyExists {
            return nil
        } catch {
            throw .cluster(error)
        }
    }

    func find(_ manifest: JSON) async throws(ObjectFault) -> JSON? { try await get(try name(of: manifest)) }

    func mend(_ manifest: JSON) async throws(ObjectFault) -> JSON { try await apply(manifest, force: true) }

    func remove(_ found: JSON, of manifest: JSON) async throws(ObjectFault) {
        try await delete(try name(of: manifest), found)
    }

    private func name(of manifest: JSON) throws(ObjectFault) -> ObjectName {
        guard let name = ObjectName(of: manifest) else { throw .kindUnknown(key: "overlay") }
        return name
    }
}

extension JSON {
    /// Deleted, and held by a finalizer for the while.
    fileprivate var isLeaving: Bool { self["metadata"]?["deletionTimestamp"]?.string != nil }
}
