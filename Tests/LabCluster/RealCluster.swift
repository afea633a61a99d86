// SPDX-License-Identifier: Apache-2.0
import Foundation
package import HTTPClient
import JSONTree
package import Kubernetes
import LabChild
package import Sockets

/// A real API server on loopback, made by scripts/lab/cluster.py. It ends with the tests' process.
package final class RealCluster: Sendable {
    package struct Facts: Decodable, Sendable {
        package let url: String
        package let ca: String
        package let adminToken: String
        package let kubeconfig: String
        package let clientCertificate: String
        package let clientKey: String
        package let audit: String

        enum CodingKeys: String, CodingKey {
            case url, ca, kubeconfig, audit
            case adminToken = "admin_token"
            case clientCertificate = "client_certificate"
            case clientKey = "client_key"
        }
    }

    package let facts: Facts
    /// As somebody who may do anything.
    package let admin: Cluster
    private let child: Child

    /// Shared by all tests, each of which has namespaces of its own.
    package static let shared = Task { try await start() }

    package static func start() async throws -> RealCluster {
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

    /// A command of the script's, such as `restart-apiserver`; nothing else may go on in this cluster then.
    package func obey(_ command: String) async {
        await withCheckedContinuation { done in
            Self.starting.async {
                self.child.write(command + "\n")
                _ = self.child.line()
                done.resume()
            }
        }
    }

    deinit { child.finish() }

    /// A namespace that no other test has.
    package func namespace() async throws -> String {
        let name = "t-\(UUID().uuidString.prefix(13).lowercased())"
        _ = try await admin.create([
            "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": JSON(name)],
        ])
        return name
    }
}

extension ClusterAccess {
    package init(server: String, trust: HTTPClientTrust, token: String?) throws {
        let credential = token.flatMap { ClusterToken($0.utf8) }.map { Credential.token($0) } ?? .none
        try self.init(server: server, trust: trust, credential: credential)
    }
}

/// Loops that turn for as long as the tests run.
package enum Loops {
    package static let shared: [EventLoop] = {
        guard let loop = try? EventLoop(), let thread = try? LoopThread(named: "test-cluster", { loop.run() }) else {
            preconditionFailure("a loop for the tests")
        }
        running = thread
        return [loop]
    }()

    nonisolated(unsafe) private static var running: LoopThread?
}
