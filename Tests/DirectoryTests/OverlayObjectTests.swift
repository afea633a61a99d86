// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import Testing

/// The objects that hold overlays: their names say what is in them, and Kubernetes takes them for anybody.
@Suite struct OverlayObjectTests {
    private func overlay(_ name: String = "alice", fullName: String = "Alice") throws -> Overlay {
        try Overlay(
            Account(name: name, uid: 20001, gid: 20000, fullName: fullName, home: "/home/x", shell: "/bin/sh"),
            memberships: [])
    }

    @Test func `an object is immutable, and says whose it is and who made it`() throws {
        let object = OverlayObject(try overlay(), of: "alice", namespace: "jupyter")
        let manifest = object.manifest
        #expect(manifest["immutable"] == true && manifest["kind"] == "ConfigMap" && manifest["apiVersion"] == "v1")
        #expect(manifest["metadata"]?["name"] == JSON(object.name) && manifest["metadata"]?["namespace"] == "jupyter")
        #expect(
            manifest["metadata"]?["labels"] == [
                "app.kubernetes.io/managed-by": "berth", "berth.io/object": "overlay", "berth.io/user": "alice",
            ])
        #expect(manifest["metadata"]?["annotations"] == ["berth.io/user": "alice"])
        #expect(manifest["data"]?["passwd"] == JSON(try overlay().passwd))
        #expect(object.files == ["passwd", "group"] && object.name.hasPrefix("berth-overlay-alice-"))
    }

    @Test func `one content is one name, and any other content or person another`() throws {
        let one = OverlayObject(try overlay(), of: "alice", namespace: "a")
        #expect(one.name == OverlayObject(try overlay(), of: "alice", namespace: "b").name)
        #expect(one.name != OverlayObject(try overlay(), of: "Alice", namespace: "a").name)
        #expect(one.name != OverlayObject(try overlay(fullName: "Alice B"), of: "alice", namespace: "a").name)
    }

    @Test func `hostile names get valid names and labels that are nobody else's`() throws {
        let users = [
            "a", "A", "a@b.org", "a-b.org", "a.b-org", "-", "---", "", "é", "e\u{301}", "a\nb", "../x", "a/b",
            String(repeating: "a", count: 300), String(repeating: "a", count: 301), "🙂", "a--b", "a---b",
        ]
        let objects = try users.map { OverlayObject(try overlay(), of: $0, namespace: "n") }
        #expect(Set(objects.map(\.name)).count == users.count)
        let labels = objects.map { $0.manifest["metadata"]?["labels"]?["berth.io/user"]?.string ?? "-" }
        #expect(Set(labels).count == users.count)
        for (object, label) in zip(objects, labels) {
            #expect(object.name.wholeMatch(of: /[a-z0-9]([-a-z0-9]{0,108}[a-z0-9])?/) != nil, "\(object.name)")
            #expect(label.wholeMatch(of: /([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?/) != nil, "\(label)")
        }
    }

    @Test func `terms make the object of a person, and none of one without an account`() throws {
        let account = try Account(name: "alice", uid: 20001, gid: 20000, home: "/home/x", shell: "/bin/sh")
        func person(_ account: Account?) -> Person {
            Person(
                name: "alice", dn: "uid=alice", posix: nil, account: account, groups: nil,
                memberships: [Membership(gid: 30001, name: "beam")], attributes: [])
        }
        let terms = OverlayTerms(prefix: "names", hasNSSwitch: true)
        let object = try #require(try terms.object(of: person(account), gids: [30002], namespace: "n"))
        #expect(object.name.hasPrefix("names-alice-") && object.files == ["passwd", "group", "nsswitch.conf"])
        let group = object.manifest["data"]?["group"]?.string ?? ""
        #expect(group.hasPrefix("gid-20000:x:20000:alice\nbeam:x:30001:alice\ngid-30002:x:30002:alice\nroot:x:0:\n"))
        #expect(try terms.object(of: person(nil), namespace: "n") == nil)
    }
}
