// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONTree
import Kubernetes
import LabCluster
import SpawnModel

@testable import Directory
@testable import Upkeep

/// A namespace of a real cluster, and runs that bring it in line with people who are written down.
struct SyncSite {
    let lab: RealCluster
    let namespace: String
    var cluster: Cluster { lab.admin }
    var limits = SyncLimits()
    var terms = OverlayTerms()
    /// How far the tests' clock is ahead of the cluster's: what was made before is no longer fresh.
    var ahead = Duration.seconds(3600)

    init(in lab: RealCluster? = nil) async throws {
        if let lab { self.lab = lab } else { self.lab = try await RealCluster.shared.value }
        namespace = try await self.lab.namespace()
    }

    var now: Instant { Instant(unixMilliseconds: Int64(Date().timeIntervalSince1970 * 1000)) + ahead }

    func run(
        _ people: [Person], unusable: [String] = [], acceptsShrink: Bool = false, readsContents: Bool = false,
        isDryRun: Bool = false, mayWrite: @escaping @Sendable () -> Bool = { true }
    ) async -> NamespaceReport {
        var run = SyncRun()
        run.acceptsShrink = acceptsShrink
        run.readsContents = readsContents
        run.isDryRun = isDryRun
        let now = now
        let sync = DirectorySync(cluster, limits: limits, now: { now }, mayWrite: mayWrite)
        let read = PeopleRead(at: now, people, unusable: Set(unusable))
        let report = await sync.apply(read, as: terms, in: [namespace], run)
        return report.namespaces[0]
    }
}

extension PeopleRead {
    init(at instant: Instant, _ people: [Person], unusable: Set<String> = []) {
        self.init(at: instant, count: people.count, unusable: unusable) { people[$0] }
    }
}

extension Person {
    static func named(_ name: String, uid: Int, groups: [String] = []) throws -> Person {
        Person(
            name: name, dn: "uid=\(name)", posix: PosixIdentity(uid: uid, gid: 20_000, supplementalGroups: []),
            account: try Account(name: name, uid: uid, gid: 20_000, home: "/home/\(name)", shell: "/bin/bash"),
            groups: groups,
            memberships: groups.enumerated().map { Membership(gid: 30_000 + $0, name: $1) }, attributes: [])
    }

    /// `u0`, `u1` ...
    static func many(_ count: Int) throws -> [Person] {
        try (0..<count).map { try named("u\($0)", uid: 20_000 + $0) }
    }
}

// MARK: - What stands there

extension SyncSite {
    /// All ConfigMaps of the namespace by name.
    func objects() async throws -> [String: JSON] {
        let items = try await cluster.listAll(.configMap, in: namespace).items
        return Dictionary(
            uniqueKeysWithValues: items.compactMap { item in
                (item["metadata"]?["name"]?.string).map { ($0, item) }
            })
    }

    func names() async throws -> Set<String> { Set(try await objects().keys) }

    func object(of person: Person) throws -> OverlayObject {
        guard let object = try terms.object(of: person, namespace: namespace) else {
            throw CocoaError(.coderInvalidValue)
        }
        return object
    }

    func name(of person: Person) throws -> ObjectName {
        ObjectName(.configMap, in: namespace, try object(of: person).name)
    }

    /// Whether exactly these people have objects, as they should be, and nothing else is there.
    func holdsExactly(_ people: [Person]) async throws -> Bool {
        let objects = try await objects()
        guard objects.count == people.count else { return false }
        return try people.allSatisfy { person in
            let wanted = try object(of: person)
            return objects[wanted.name].map { OverlayState(of: $0, wanted: wanted.manifest) == .asWanted } ?? false
        }
    }

    /// As somebody does by hand.
    func mark(_ person: Person, _ body: JSON) async throws {
        _ = try await cluster.patch(try name(of: person), .merge, ["metadata": body])
    }

    /// A pod that mounts the person's object; nothing runs it.
    func mount(_ person: Person) async throws -> ObjectName {
        let name = "pod-\(UUID().uuidString.prefix(8).lowercased())"
        _ = try await cluster.create([
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": JSON(name), "namespace": JSON(namespace)],
            "spec": [
                "containers": [["name": "notebook", "image": "i"]],
                "volumes": [
                    [
                        "name": "names",
                        "projected": ["sources": [["configMap": ["name": JSON(try object(of: person).name)]]]],
                    ]
                ],
            ],
        ])
        return ObjectName(.pod, in: namespace, name)
    }
}
