// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import JSONTree
import Kubernetes
import Testing

/// What a kubeconfig says, and what of it is refused.
struct KubeconfigTests {
    /// A kubeconfig with one of each, changed by the test.
    private func config(cluster: JSON = [:], user: JSON = [:], _ change: (inout JSON) -> Void = { _ in }) -> JSON {
        var whole: JSONObject = ["server": "https://10.0.0.1:6443"]
        whole.merge(cluster.object ?? JSONObject())
        var json: JSON = [
            "apiVersion": "v1", "kind": "Config", "current-context": "berth",
            "clusters": [["name": "lab", "cluster": JSON(whole)]], "users": [["name": "berth", "user": user]],
            "contexts": [
                ["name": "berth", "context": ["cluster": "lab", "user": "berth", "namespace": "hub"]],
                ["name": "other", "context": ["cluster": "lab"]],
            ],
        ]
        change(&json)
        return json
    }

    private func fault(_ json: JSON, context: String? = nil) -> Kubeconfig.Fault? {
        do throws(Kubeconfig.Fault) {
            _ = try Kubeconfig(json, folder: "/etc/berth", context: context)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a token, authorities in a file beside it, and the context's namespace`() throws {
        let read = try Kubeconfig(
            config(cluster: ["certificate-authority": "pki/ca.pem"], user: ["token": "abc"]), folder: "/etc/berth")
        #expect(read.access.server == "https://10.0.0.1:6443")
        #expect(read.access.trust.authorities == .file("/etc/berth/pki/ca.pem"))
        #expect(read.access.credential == ClusterToken("abc".utf8).map { .token($0) })
        #expect(read.access.namespace == "hub")
        #expect(read.files.map(\.path) == ["/etc/berth/pki/ca.pem"])
        #expect(!"\(read)".contains("abc"))
    }

    @Test func `data counts more than a file and is never a file`() throws {
        let read = try Kubeconfig(
            config(
                cluster: ["certificate-authority": "ca.pem", "certificate-authority-data": "Y2E="],
                user: ["client-certificate-data": "Y2VydA==", "client-key-data": "a2V5"]), folder: "/etc/berth")
        #expect(read.access.trust.authorities == .bytes(Array("ca".utf8)))
        #expect(
            read.access.trust.clientCertificate
                == .init(certificate: .bytes(Array("cert".utf8)), key: .bytes(Array("key".utf8))))
        #expect(read.access.credential == .certificate)
        #expect(read.files.isEmpty)
    }

    @Test func `keys and tokens in files are named as secrets`() throws {
        let read = try Kubeconfig(
            config(user: ["client-certificate": "c.pem", "client-key": "/k.pem", "tokenFile": "t", "token": "x"]),
            folder: "/etc/berth")
        #expect(read.access.credential == .tokenFile("/etc/berth/t"))
        #expect(read.files.filter(\.isSecret).map(\.path) == ["/k.pem", "/etc/berth/t"])
        #expect(read.files.filter { !$0.isSecret }.map(\.path) == ["/etc/berth/c.pem"])
    }

    @Test func `another context can be chosen, and a user left out`() throws {
        let read = try Kubeconfig(config(), folder: "/etc/berth", context: "other")
        #expect(read.access.credential == .none && read.access.namespace == "default")
    }

    @Test(
        arguments: [
            ("exec", ["command": "aws"]), ("auth-provider", ["name": "gcp"]), ("username", "ada"), ("password", "x"),
            ("as", "ada"),
        ] as [(String, JSON)])
    func `a way to say who we are that Berth does not go is refused with a remedy`(key: String, value: JSON) {
        let fault = fault(config(user: JSON(JSONObject(uniqueMembers: [(key, value), ("token", "abc")]))))
        #expect(fault?.place.description == "/users/0/user/\(key)")
        #expect(fault?.remedy.isEmpty == false)
    }

    @Test(
        arguments: [
            ("insecure-skip-tls-verify", true), ("proxy-url", "http://proxy"), ("tls-server-name", "other"),
        ] as [(String, JSON)])
    func `a server that would not be proven, or not be asked itself, is refused`(key: String, value: JSON) {
        let fault = fault(config(cluster: JSON(JSONObject(uniqueMembers: [(key, value)]))))
        #expect(fault?.place.description == "/clusters/0/cluster/\(key)")
        #expect(self.fault(config(cluster: JSON(JSONObject(uniqueMembers: [(key, JSON(false))])))) == nil)
    }

    @Test(arguments: ["http://10.0.0.1:6443", "https://ada:x@10.0.0.1", "10.0.0.1:6443", "", "https://10.0.0.1?a=b"])
    func `a server that is not a plain https URL is refused`(server: String) {
        #expect(fault(config(cluster: ["server": JSON(server)]))?.place.description.hasPrefix("/clusters/0") == true)
    }

    @Test(arguments: ["!", "YQ", "YR==", "a=b=", "=", "===="])
    func `what is no base64 is no certificate`(data: String) {
        let fault = fault(config(cluster: ["certificate-authority-data": JSON(data)]))
        #expect(fault?.place.description == "/clusters/0/cluster/certificate-authority-data")
    }

    @Test func `a name that leads nowhere is told with those that there are`() {
        #expect(fault(config(), context: "none")?.remedy == "There are: `berth`, `other`.")
        #expect(fault(config { $0["current-context"] = nil })?.what == "has no `current-context`")
        #expect(fault(config { $0["users"] = [] })?.place.description == "/users")
        #expect(fault(config(user: ["client-certificate": "c.pem"]))?.place.description == "/users/0/user")
        #expect(fault(config(user: ["token": "two words"]))?.place.description == "/users/0/user/token")
        #expect(fault(config(user: ["token": ["a": "b"]]))?.place.description == "/users/0/user/token")
        #expect(fault("text") != nil && fault([]) != nil)
    }
}
