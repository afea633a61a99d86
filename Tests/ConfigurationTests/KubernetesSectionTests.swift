// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import HTTPClient
import Kubernetes
import Testing

/// `kubernetes`.
struct KubernetesSectionTests {
    private func kubeconfig(user: String = "{token: abc}", cluster: String = "") -> String {
        """
        current-context: berth
        clusters:
          - name: lab
            cluster: {server: "https://10.0.0.1:6443"\(cluster)}
        users:
          - name: berth
            user: \(user)
        contexts:
          - {name: berth, context: {cluster: lab, user: berth, namespace: hub}}
        """
    }

    private let section = "kubernetes: {kubeconfig: kube/config}\n"

    @Test func `without the key there is no cluster`() throws {
        let outcome = try Sample("").load()
        expect(outcome.faults, are: [])
        #expect(outcome.site?.cluster == nil)
    }

    @Test func `a kubeconfig's files count from its own folder`() throws {
        let config = kubeconfig(user: "{tokenFile: t}", cluster: ", certificate-authority: ../ca.pem")
        let sample = try Sample(section, files: ["kube/config": config, "kube/t": "abc", "ca.pem": "x"])
        let outcome = sample.load()
        expect(outcome.faults + outcome.warnings, are: [])
        let access = try #require(outcome.site?.cluster)
        #expect(access.server == "https://10.0.0.1:6443" && access.namespace == "hub")
        #expect(access.credential == .tokenFile(sample.folder.path() + "/kube/t"))
        #expect(access.trust.authorities == .file(sample.folder.path() + "/kube/../ca.pem"))
    }

    @Test func `what of a kubeconfig is refused is told at its own line`() throws {
        let config = kubeconfig(user: "{exec: {command: aws}}")
        let found = try faults(in: section, files: ["kube/config": config])
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("kube/config:7:18: users[0].user.exec: runs a program") == true, "\(found)")
        #expect(found.first?.hasSuffix("by `tokenFile` or `token`.") == true)
    }

    @Test func `a kubeconfig that is no YAML is told at its own line`() throws {
        let found = try faults(in: section, files: ["kube/config": "clusters: [\n"])
        #expect(found.first?.hasPrefix("kube/config:") == true)
    }

    @Test func `a context that is not there is told with those that are`() throws {
        let text = "kubernetes: {kubeconfig: kube/config, context: other}\n"
        let found = try faults(in: text, files: ["kube/config": kubeconfig()])
        #expect(found.first?.contains("has no context `other`. There are: `berth`.") == true)
    }

    @Test func `files that are missing are faults, and only warnings on another machine`() throws {
        #expect(try faults(in: section).first?.contains("the kubeconfig \"kube/config\" does not exist") == true)
        let files = ["kube/config": kubeconfig(user: "{tokenFile: t}")]
        #expect(
            try faults(in: section, files: files).first?.hasPrefix("kube/config:7:23: users[0].user.tokenFile:") == true
        )
        let elsewhere = try Sample(section, files: files).load(.optional)
        expect(elsewhere.faults, are: [])
        #expect(elsewhere.warnings.count == 1)
    }

    @Test(arguments: ["{}", "{service_account: true}"])
    func `outside of a pod there is no service account to be`(section: String) throws {
        let found = try faults(in: "kubernetes: \(section)\n")
        #expect(found.first?.hasPrefix("berth.yaml:1:13: kubernetes: Berth does not run in a pod") == true, "\(found)")
        expect(try Sample("kubernetes: \(section)\n").load(.optional).faults, are: [])
    }

    @Test(arguments: [
        ("{service_account: false}", "leaves Berth no way"), ("{context: a}", "names a context of no kubeconfig"),
        ("{kubeconfig: kube/config, service_account: true}", "stands beside `kubeconfig`"),
        ("{kubeconfg: x}", "did you mean `kubeconfig`?"),
    ])
    func `what contradicts itself is a fault`(section: String, words: String) throws {
        let found = try faults(in: "kubernetes: \(section)\n", files: ["kube/config": kubeconfig()], .optional)
        #expect(found.first?.contains(words) == true, "\(found)")
    }

    @Test func `another cluster waits for a restart`() throws {
        let with = try #require(try Sample(section, files: ["kube/config": kubeconfig()]).load().site)
        let without = try #require(try Sample("").load().site)
        #expect(with.keysForRestart(after: without).contains("kubernetes"))
        #expect(!with.keysForRestart(after: with).contains("kubernetes"))
    }
}
