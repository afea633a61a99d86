// SPDX-License-Identifier: Apache-2.0
import Foundation
import HTTPClient
import JSONTree
import Kubernetes
import LabCluster
import Testing

/// Who Berth is to a real API server, and what it may do.
struct AccessTests {
    private let real: RealCluster
    private let folder: Folder

    init() async throws {
        real = try await RealCluster.shared.value
        folder = try Folder()
    }

    private var nodes: (Cluster) async throws -> Void {
        { cluster in _ = try await cluster.listAll(.node, in: nil) }
    }

    private func pod(token: String, host: String = "127.0.0.1") throws -> ClusterAccess {
        try folder.write("token", token)
        try folder.write("ca.crt", try String(contentsOfFile: real.facts.ca, encoding: .utf8))
        try folder.write("namespace", "hub\n")
        let port = real.facts.url.split(separator: ":").last.map(String.init)
        return try ClusterAccess.serviceAccount(in: folder.path) {
            ["KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port][$0] ?? nil
        }
    }

    @Test func `in a pod, its service account's token and authorities count`() async throws {
        let access = try pod(token: real.facts.adminToken + "\n")
        #expect(access.namespace == "hub")
        #expect(await Cluster(access, loops: Loops.shared).failure(of: nodes) == nil)
    }

    @Test func `a client certificate in memory says who we are`() async throws {
        func pem(_ path: String) throws -> PEM { .bytes(Array(try Data(contentsOf: URL(filePath: path)))) }
        let trust = HTTPClientTrust(
            authorities: try pem(real.facts.ca),
            clientCertificate: .init(
                certificate: try pem(real.facts.clientCertificate), key: try pem(real.facts.clientKey)))
        let access = try ClusterAccess(server: real.facts.url, trust: trust, credential: .certificate)
        #expect(await Cluster(access, loops: Loops.shared).failure(of: nodes) == nil)
        #expect(try await Cluster(access, loops: Loops.shared).version() >= ClusterVersion(major: 1, minor: 20))
    }

    @Test func `an IPv6 address of the cluster is one`() throws {
        #expect(try pod(token: "t", host: "fd00::1").server.hasPrefix("https://[fd00::1]:"))
    }

    @Test func `outside of a pod there is no service account`() throws {
        #expect(throws: ServiceAccountFault.notInPod) {
            try ClusterAccess.serviceAccount(in: folder.path) { _ in nil }
        }
        #expect(throws: ServiceAccountFault.self) {
            try ClusterAccess.serviceAccount(in: folder.path + "/none") { $0.hasSuffix("HOST") ? "::1" : "443" }
        }
    }

    @Test func `a token that was replaced counts at the server's first refusal of the old one`() async throws {
        let cluster = Cluster(try pod(token: "old"), loops: Loops.shared)
        guard case .unauthorized = await cluster.failure(of: nodes) else {
            Issue.record("the old token is good")
            return
        }
        try folder.write("token", real.facts.adminToken)
        #expect(await cluster.failure(of: nodes) == nil)
    }

    @Test(arguments: ["", " \n", "to\u{7f}ken"])
    func `a token file without a token is named, and nothing is sent`(text: String) async throws {
        let cluster = Cluster(try pod(token: text), loops: Loops.shared)
        guard case .tokenUnreadable(let path, _) = await cluster.failure(of: nodes) else {
            Issue.record("sent without a token")
            return
        }
        #expect(path == folder.path + "/token")
    }

    @Test func `what a role lacks is told as the rule that it needs`() async throws {
        let namespace = try await real.namespace()
        try await real.makeAccount("guest", in: namespace)
        let guest = try real.cluster(token: try await real.token(of: "guest", in: namespace))
        let error = await guest.failure {
            _ = try await $0.create(configMap("one", in: namespace))
        }
        guard case .forbidden = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let words = error.map { "\($0)" } ?? ""
        #expect(words.contains("{apiGroups: [\"\"], resources: [configmaps], verbs: [create]}"))
        #expect(words.contains("in namespace \"\(namespace)\""))
    }

    @Test func `a server that another authority vouches for is told nothing`() async throws {
        let other = try Cluster(
            ClusterAccess(
                server: real.facts.url, trust: HTTPClientTrust(), token: real.facts.adminToken), loops: Loops.shared)
        guard case .noAnswer(_, .untrusted) = await other.failure(of: nodes) else {
            Issue.record("told")
            return
        }
    }
}

/// A folder for one test.
final class Folder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
