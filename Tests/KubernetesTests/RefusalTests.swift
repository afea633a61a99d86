// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import LabCluster
import Testing

/// What is never sent, and what the server takes for invalid.
struct RefusalTests {
    private let real: RealCluster
    private let cluster: Cluster

    init() async throws {
        real = try await RealCluster.shared.value
        cluster = real.admin
    }

    @Test(arguments: [
        "", ".", "..", "a/b", "../../secrets/x", "a%2fb", "a b", "a?x=y", "a#b", "ä", "a\nb",
        String(repeating: "a", count: 254),
    ])
    func `a name that could lead elsewhere is not sent`(name: String) async {
        for object in [ObjectName(.configMap, in: "default", name), ObjectName(.configMap, in: name, "x")] {
            let calls: [(Cluster) async throws -> Void] = [
                { _ = try await $0.get(object) }, { _ = try await $0.delete(object) },
                { _ = try await $0.patch(object, .merge, [:]) },
                { _ = try await $0.create(configMap(object.name, in: object.namespace ?? "")) },
                { _ = try await $0.apply(configMap(object.name, in: object.namespace ?? ""), force: true) },
            ]
            for call in calls {
                guard case .unfit = await cluster.failure(of: call) else {
                    Issue.record("\(name) is sent")
                    continue
                }
            }
        }
    }

    /// A path without a name is the whole collection's, which could be deleted at once.
    @Test func `what is in a namespace is not asked for without one`() async {
        guard case .unfit = await cluster.failure(of: { _ = try await $0.delete(ObjectName(.pod, "x")) }),
            case .unfit = await cluster.failure(of: { _ = try await $0.get(ObjectName(.node, in: "x", "x")) })
        else {
            Issue.record("sent")
            return
        }
    }

    @Test func `a kind that Berth does not know is not guessed at`() async {
        let mooring: JSON = ["apiVersion": "x.org/v1", "kind": "Mooring", "metadata": ["name": "x"]]
        let error = await cluster.failure { _ = try await $0.create(mooring) }
        #expect(error.map { "\($0)" }?.contains("x.org/v1 Mooring") == true)
    }

    @Test(
        arguments: [
            ["data": ["key": "not base64 at all: hunter2"]], ["data": ["a bad key": "aHVudGVyMg=="]],
            ["stringData": ["k": ["hunter2": 1]]], ["data": ["k": "aHVudGVyMg=="], "type": "kubernetes.io/tls"],
        ] as [JSON])
    func `what the server quotes of a secret stays out of the error`(contents: JSON) async throws {
        let namespace = try await real.namespace()
        var secret: JSONObject = [
            "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "one", "namespace": JSON(namespace)],
        ]
        secret.merge(contents.object ?? JSONObject())
        let body = JSON(secret)
        for call in [
            { _ = try await $0.create(body) }, { _ = try await $0.apply(body, force: true) },
        ] as [(Cluster) async throws -> Void] {
            let error = await cluster.failure(of: call)
            #expect(error != nil, "a server of 1.20 answers 500 to some of what cannot be applied")
            let words = String(reflecting: error) + (error.map { "\($0)" } ?? "")
            #expect(!words.contains("hunter2") && !words.contains("aHVudGVyMg"), "\(words)")
        }
    }

    @Test func `what is invalid elsewhere is told in the server's words`() async throws {
        let namespace = try await real.namespace()
        let error = await cluster.failure {
            _ = try await $0.create(configMap("one", in: namespace, ["a bad key": "1"]))
        }
        #expect(error.map { "\($0)" }?.contains("data[a bad key]") == true)
    }
}
