// SPDX-License-Identifier: Apache-2.0
import Foundation
import GPULedger
import JSONTree
import Kubernetes
import LabCluster
import Logging
import SpawnModel

@testable import Upkeep

/// A namespace of a real cluster, a ledger in a file, and a sweep of the one by the other.
final class SweepSite: Sendable {
    let lab: RealCluster
    let namespace: String
    let ledger: Ledger
    private let folder: URL

    init() async throws {
        lab = try await RealCluster.shared.value
        namespace = try await lab.namespace()
        folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        ledger = try Ledger(path: folder.path + "/ledger.db", inventory: Inventory(nodes: [], pools: []))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// One round, with nobody given any grace unless `limits` says so.
    func sweep(
        as cluster: Cluster? = nil, _ limits: SweepLimits = .noGrace, isHeld: @escaping @Sendable () -> Bool = { true }
    ) async {
        await sweeper(as: cluster, limits).turn(setting, isHeld)
    }

    func sweeper(as cluster: Cluster? = nil, _ limits: SweepLimits) -> Sweeper {
        var silent = Logger(label: "test")
        silent.logLevel = .critical
        return Sweeper(cluster ?? lab.admin, ledger, limits: limits, silent) { self.setting }
    }

    var setting: SweepSetting { SweepSetting([("prod", namespace)]) }

    // MARK: Reservations

    func hold(_ user: String, start: String = "1") async throws -> Reservation {
        let request = ReservationRequest(
            server: ServerID(deployment: "prod", user: user, name: ""), start: try StartID(start).required, gpu: nil,
            terms: "{}", walltime: nil, holdFor: .seconds(600), now: Instant(unixSeconds: 1_900_000_000))
        guard case .held(let reservation, _) = try await ledger.reserve(request) else {
            throw CocoaError(.coderInvalidValue)
        }
        return reservation
    }

    /// As the hub's word ends it, which nobody has acted on in the cluster.
    func end(_ reservation: Reservation) async throws {
        _ = try await ledger.release(
            reservation.server, start: reservation.start, now: Instant(unixSeconds: 1_900_000_060))
    }

    /// As time does.
    func forgetAll() async throws {
        _ = try await ledger.forget(LedgerRetention(), now: Instant(unixSeconds: 1_900_000_060 + 401 * 86_400))
    }

    // MARK: Objects

    static let kinds: [ObjectKind] = [.secret, .configMap, .service, .persistentVolumeClaim]

    /// One of each kind, as a start has them.
    func make(for reservationID: String, _ labels: [String: String?] = [:]) async throws {
        for kind in Self.kinds { try await make(kind, for: reservationID, labels) }
    }

    @discardableResult
    func make(
        _ kind: ObjectKind, for reservationID: String, _ changes: [String: String?] = [:]
    ) async throws -> ObjectName {
        var labels: JSONObject = [
            ObjectLabel.managedBy: "berth", ObjectLabel.object: "thing", ObjectLabel.lifetime: "session",
            ObjectLabel.deployment: "prod", ObjectLabel.user: "ada", ObjectLabel.server: "s",
            ObjectLabel.reservation: JSON(reservationID),
        ]
        for (label, value) in changes { labels[label] = value.map { JSON($0) } }
        let name = "o-\(UUID().uuidString.prefix(8).lowercased())"
        var manifest: JSON = [
            "apiVersion": "v1", "kind": JSON(kind.kind),
            "metadata": ["name": JSON(name), "namespace": JSON(namespace), "labels": JSON(labels)],
        ]
        if kind == .service { manifest["spec"] = ["clusterIP": "None", "ports": [["port": 80]]] }
        if kind == .persistentVolumeClaim {
            manifest["spec"] = [
                "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
            ]
        }
        _ = try await lab.admin.create(manifest)
        return ObjectName(kind, in: namespace, name)
    }

    /// How many of each kind stand there that are not being deleted.
    func counts() async throws -> [Int] {
        var counts: [Int] = []
        for kind in Self.kinds {
            let items = try await lab.admin.listAll(kind, in: namespace, labels: "\(ObjectLabel.object)=thing").items
            counts.append(items.count { $0["metadata"]?["deletionTimestamp"] == nil })
        }
        return counts
    }

    /// A pod that bears the reservation's id; nothing runs it.
    func pod(of reservationID: String) async throws -> ObjectName {
        let name = "pod-\(UUID().uuidString.prefix(8).lowercased())"
        _ = try await lab.admin.create([
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": JSON(name), "namespace": JSON(namespace),
                "annotations": ["berth.io/reservation-id": JSON(reservationID)],
            ],
            "spec": ["containers": [["name": "notebook", "image": "i"]]],
        ])
        return ObjectName(.pod, in: namespace, name)
    }

    // MARK: Somebody who may do less

    /// As a service account whose roles have these verbs alone, once the API server goes by them.
    func account(may verbs: [(kind: ObjectKind, verbs: [String])]) async throws -> Cluster {
        try await lab.makeAccount("sweeper", in: namespace)
        for (kind, verbs) in verbs { try await lab.allow("sweeper", in: namespace, verbs, on: kind.plural) }
        let cluster = try lab.cluster(token: try await lab.token(of: "sweeper", in: namespace))
        let deadline = ContinuousClock.now + .seconds(30)
        for (kind, verbs) in verbs where verbs.contains("list") {
            while (try? await cluster.listAll(kind, in: namespace)) == nil {
                guard .now < deadline else { throw CocoaError(.userActivityConnectionUnavailable) }
                await Task.yield()
            }
        }
        return cluster
    }
}

extension SweepLimits {
    static var noGrace: SweepLimits {
        var limits = SweepLimits()
        (limits.grace, limits.graceUnknown, limits.patience) = (.zero, .zero, .seconds(5))
        return limits
    }
}

extension Optional {
    fileprivate var required: Wrapped {
        get throws {
            guard let self else { throw CocoaError(.coderInvalidValue) }
            return self
        }
    }
}
