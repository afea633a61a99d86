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
        let clientCertificate: String
        let clientKey: String
        let audit: String

        enum CodingKeys: String, CodingKey {
            case url, ca, kubeconfig, audit
            case adminToken = "admin_token"
            case clientCertificate = "client_certificate"
            case clientKey = "client_key"
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

    /// A command of the script's, such as `restart-apiserver`; nothing else may go on in this cluster then.
    func obey(_ command: String) async {
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
    func namespace() async throws -> String {
        let name = "t-\(UUID().uuidString.prefix(13).lowercased())"
        _ = try await admin.create([
            "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": JSON(name)],
        ])
        return name
    }

    /// As `kubectl apply --server-side --field-manager` does it.
    func applyAs(_ manager: String, _ object: JSON) async throws {
        let metadata = object["metadata"]
        let kubectl = try Child([
            "/usr/bin/kubectl", "--kubeconfig", facts.kubeconfig, "apply", "--server-side", "--force-conflicts",
            "--field-manager", manager, "-n", metadata?["namespace"]?.string ?? "", "-f", "-",
        ])
        kubectl.write(object.text)
        guard kubectl.finish() == 0 else { throw CocoaError(.featureUnsupported) }
    }

    /// A service account that may do nothing yet.
    func makeAccount(_ name: String, in namespace: String) async throws {
        _ = try await admin.create([
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": ["name": JSON(name), "namespace": JSON(namespace)],
        ])
    }

    /// A role of one rule, and its binding to that account.
    func allow(_ account: String, in namespace: String, _ verbs: [String], on resource: String) async throws {
        let metadata: JSON = ["name": JSON("\(account)-\(resource)"), "namespace": JSON(namespace)]
        let group = "rbac.authorization.k8s.io"
        _ = try await admin.create([
            "apiVersion": JSON("\(group)/v1"), "kind": "Role", "metadata": metadata,
            "rules": [
                [
                    "apiGroups": ["", "coordination.k8s.io"], "resources": [JSON(resource)],
                    "verbs": JSON(verbs.map { JSON($0) }),
                ]
            ],
        ])
        _ = try await admin.create([
            "apiVersion": JSON("\(group)/v1"), "kind": "RoleBinding", "metadata": metadata,
            "roleRef": ["apiGroup": JSON(group), "kind": "Role", "name": JSON("\(account)-\(resource)")],
            "subjects": [["kind": "ServiceAccount", "name": JSON(account), "namespace": JSON(namespace)]],
        ])
    }

    /// Takes back what `allow` gave.
    func forbid(_ account: String, in namespace: String, _ resource: String) async throws {
        _ = try await admin.delete(ObjectName(.roleBinding, in: namespace, "\(account)-\(resource)"))
        _ = try await admin.delete(ObjectName(.role, in: namespace, "\(account)-\(resource)"))
    }

    /// What its pods would have in their file.
    func token(of account: String, in namespace: String) async throws -> String {
        var request = HTTPClientRequest(
            .post, "\(facts.url)/api/v1/namespaces/\(namespace)/serviceaccounts/\(account)/token",
            headers: [("Authorization", "Bearer \(facts.adminToken)"), ("Content-Type", "application/json")])
        request.body = JSON(["spec": ["expirationSeconds": 3600]]).bytes
        let answer = try await HTTPClient(loops: Loops.shared, trust: admin.access.trust).send(request)
        return try JSON(parsing: answer.body)["status"]?["token"]?.string ?? ""
    }

    /// As another person, or as nobody.
    func cluster(token: String?, limits: ClusterLimits = ClusterLimits()) throws -> Cluster {
        try Cluster(
            ClusterAccess(server: facts.url, trust: HTTPClientTrust(caFile: facts.ca), token: token),
            loops: Loops.shared, limits: limits)
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

/// A map of texts, as tests need one of.
func configMap(_ name: String, in namespace: String, _ data: JSON = ["a": "1"]) -> JSON {
    [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": ["name": JSON(name), "namespace": JSON(namespace)], "data": data,
    ]
}

extension Cluster {
    /// The error of a call that must have one.
    func failure(of call: (Cluster) async throws -> Void) async -> KubernetesError? {
        do { try await call(self) } catch { return error as? KubernetesError }
        return nil
    }
}
