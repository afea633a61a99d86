// SPDX-License-Identifier: Apache-2.0
import Foundation
import HTTPClient
import JSONTree
import Kubernetes
import LabChild
import Sockets

/// A real API server on loopback, made by scripts/lab/cluster.py. It ends with the tests' process.
final class RealCluster: Sendable {
    struct Facts: Decodable, Sendable {
        let url: String
        let ca: String
        let adminToken: String
        let kubeconfig: String

        enum CodingKeys: String, CodingKey {
            case url, ca, kubeconfig
            case adminToken = "admin_token"
        }
    }

    let facts: Facts
    /// As somebody who may do anything.
    let admin: Cluster
    private let child: Child

    /// Shared by all tests, each of which has namespaces of its own.
    static let shared = Task { try await start() }

    static func start() async throws -> RealCluster {
        try await withCheckedThrowingContinuation { started in
            starting.async { started.resume(with: Result { try RealCluster() }) }
        }
    }

    private static let starting = DispatchQueue(label: "real clusters")

    private init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString.prefix(8))")
        child = try Child(["/usr/bin/env", "python3", Self.script, folder.path, "--until-eof", "--without-scheduler"])
        facts = try JSONDecoder().decode(Facts.self, from: Data(child.line()))
        admin = try Cluster(
            ClusterAccess(
                server: facts.url, trust: HTTPClientTrust(caFile: facts.ca), token: facts.adminToken),
            loops: Loops.shared)
    }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts/lab/cluster.py").standardizedFileURL.path

    /// A namespace that no other test has.
    func namespace() async throws -> String {
        let name = "t-\(UUID().uuidString.prefix(13).lowercased())"
        _ = try await admin.create([
            "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": JSON(name)],
        ])
        return name
    }

    /// Has the pod end well, as a kubelet would report it.
    func end(_ pod: ObjectName) async throws {
        let kubectl = try Child([
            "/bin/sh", "-c",
            """
            exec kubectl --kubeconfig "$0" get --raw "/api/v1/namespaces/$1/pods/$2" \
                | sed 's/"phase":"Pending"/"phase":"Succeeded"/' \
                | kubectl --kubeconfig "$0" replace --raw "/api/v1/namespaces/$1/pods/$2/status" -f - >/dev/null
            """, facts.kubeconfig, pod.namespace ?? "", pod.name,
        ])
        guard kubectl.finish() == 0 else { throw CocoaError(.featureUnsupported) }
    }

    /// One of `cluster.py`'s commands, as `restart-apiserver`; returns when it is done.
    func order(_ command: String) {
        child.write(command + "\n")
        _ = child.line()
    }
}

extension ClusterAccess {
    init(server: String, trust: HTTPClientTrust, token: String?) throws {
        let credential = token.flatMap { ClusterToken($0.utf8) }.map { Credential.token($0) } ?? .none
        try self.init(server: server, trust: trust, credential: credential)
    }
}

/// Loops that turn for as long as the tests run.
enum Loops {
    static let shared: [EventLoop] = {
        guard let loop = try? EventLoop(), let thread = try? LoopThread(named: "test-cluster", { loop.run() }) else {
            preconditionFailure("a loop for the tests")
        }
        running = thread
        return [loop]
    }()

    nonisolated(unsafe) private static var running: LoopThread?
}
