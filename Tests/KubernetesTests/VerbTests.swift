// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import LabCluster
import Testing

/// What Berth asks of a cluster, against a real API server.
struct VerbTests {
    private let real: RealCluster
    private let cluster: Cluster
    private let namespace: String

    init() async throws {
        real = try await RealCluster.shared.value
        cluster = real.admin
        namespace = try await real.namespace()
    }

    private func name(_ name: String) -> ObjectName { ObjectName(.configMap, in: namespace, name) }

    // MARK: Reading

    @Test func `what was made can be read, and what was not is nil`() async throws {
        let made = try await cluster.create(configMap("one", in: namespace))
        let read = try await cluster.get(name("one"))
        #expect(read?["data"] == ["a": "1"])
        #expect(read?["metadata"]?["uid"] == made["metadata"]?["uid"])
        #expect(try await cluster.get(name("two")) == nil)
    }

    /// Nothing may be taken for absent because nobody serves it.
    @Test func `a kind that the server does not have is an error, not an absence`() async throws {
        for kind in [
            ObjectKind(plural: "moorings", kind: "Mooring"), ObjectKind(group: "x.org", plural: "xs", kind: "X"),
        ] {
            let object = ObjectName(kind, in: namespace, "x")
            guard case .notFound = await cluster.failure(of: { _ = try await $0.get(object) }) else {
                Issue.record("\(kind.plural) is taken for absent")
                continue
            }
            guard case .notFound = await cluster.failure(of: { _ = try await $0.delete(object) }) else {
                Issue.record("\(kind.plural) is taken for deleted")
                continue
            }
        }
    }

    @Test func `a list comes page by page, whole and once`() async throws {
        for number in 0..<7 { _ = try await cluster.create(configMap("m\(number)", in: namespace)) }
        var limits = ClusterLimits()
        limits.pageObjects = 3
        let small = try real.cluster(token: real.facts.adminToken, limits: limits)
        var names: [String] = []
        var pages: [(isFirst: Bool, isLast: Bool)] = []
        try await small.list(.configMap, in: namespace) { page in
            names += page.items.compactMap { $0["metadata"]?["name"]?.string }
            pages.append((page.isFirst, page.isLast))
        }
        let wanted = (0..<7).map { "m\($0)" }
        #expect(names.filter { $0.hasPrefix("m") } == wanted)
        #expect(pages.map(\.isFirst) == [true] + pages.dropFirst().map { _ in false })
        #expect(pages.map(\.isLast) == pages.dropLast().map { _ in false } + [true])
        #expect(pages.count >= 3)
    }

    @Test func `selectors choose, whatever signs are in them`() async throws {
        var marked = configMap("marked", in: namespace)
        marked["metadata"]?["labels"] = ["berth.io/object": "overlay"]
        _ = try await cluster.create(marked)
        _ = try await cluster.create(configMap("other", in: namespace))
        let byLabel = try await cluster.listAll(.configMap, in: namespace, labels: "berth.io/object in (overlay, x)")
        #expect(byLabel.items.compactMap { $0["metadata"]?["name"]?.string } == ["marked"])
        let byField = try await cluster.listAll(.configMap, in: namespace, fields: "metadata.name=other")
        #expect(byField.items.compactMap { $0["metadata"]?["name"]?.string } == ["other"])
    }

    @Test func `a list of metadata holds nothing else`() async throws {
        _ = try await cluster.create(configMap("one", in: namespace, ["key": "value"]))
        let (items, _) = try await cluster.listAll(
            .configMap, in: namespace, fields: "metadata.name=one", metadataOnly: true)
        #expect(items.count == 1)
        #expect(items.first?["metadata"]?["uid"]?.string != nil)
        #expect(items.first?["data"] == nil)
    }

    // MARK: Making and deleting

    @Test func `the same name is not made twice`() async throws {
        _ = try await cluster.create(configMap("one", in: namespace))
        let error = await cluster.failure { _ = try await $0.create(configMap("one", in: namespace)) }
        guard case .alreadyExists(let call) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect("\(call)" == "create configmaps \"one\" in namespace \"\(namespace)\"")
    }

    @Test func `nothing is made in a namespace that is not there`() async throws {
        let error = await cluster.failure { _ = try await $0.create(configMap("one", in: "nowhere")) }
        guard case .notFound = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("namespaces \"nowhere\" not found"))
    }

    @Test func `what was deleted is gone, and deleting it again says so`() async throws {
        _ = try await cluster.create(configMap("one", in: namespace))
        #expect(try await cluster.delete(name("one")))
        #expect(try await cluster.get(name("one")) == nil)
        #expect(try await cluster.delete(name("one")) == false)
    }

    @Test func `only that very object is deleted where a uid is named`() async throws {
        let first = try await cluster.create(configMap("one", in: namespace))
        let uid = first["metadata"]?["uid"]?.string
        _ = try await cluster.delete(name("one"))
        _ = try await cluster.create(configMap("one", in: namespace))
        let error = await cluster.failure { _ = try await $0.delete(name("one"), uid: uid) }
        guard case .conflict = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await cluster.get(name("one")) != nil)
    }

    @Test func `only that very version is deleted where one is named`() async throws {
        let first = try await cluster.create(configMap("one", in: namespace))
        let version = first["metadata"]?["resourceVersion"]?.string
        let second = try await cluster.patch(name("one"), .merge, ["data": ["a": "2"]])
        guard
            case .conflict = await cluster.failure(of: {
                _ = try await $0.delete(name("one"), resourceVersion: version)
            })
        else {
            Issue.record("an older version's delete is taken")
            return
        }
        #expect(try await cluster.delete(name("one"), resourceVersion: second["metadata"]?["resourceVersion"]?.string))
    }

    // MARK: Changing

    @Test func `apply makes, changes, and takes away what it no longer says`() async throws {
        _ = try await cluster.apply(configMap("one", in: namespace, ["a": "1", "b": "2"]), force: false)
        let changed = try await cluster.apply(configMap("one", in: namespace, ["a": "3"]), force: false)
        #expect(changed["data"] == ["a": "3"])
    }

    @Test func `another manager's fields are a conflict that names it, and force takes them over`() async throws {
        _ = try await cluster.apply(configMap("one", in: namespace), force: false)
        try await real.applyAs("somebody-else", configMap("one", in: namespace, ["a": "2"]))
        let error = await cluster.failure {
            _ = try await $0.apply(configMap("one", in: namespace, ["a": "3"]), force: false)
        }
        guard case .fieldConflict(_, let conflict) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(conflict.managers == ["somebody-else"])
        #expect(conflict.fields == [".data.a"])
        let taken = try await cluster.apply(configMap("one", in: namespace, ["a": "3"]), force: true)
        #expect(taken["data"] == ["a": "3"])
    }

    @Test func `a JSON Patch is made whole or not at all`() async throws {
        _ = try await cluster.create(configMap("one", in: namespace))
        let patched = try await cluster.patch(
            name("one"), .json,
            [["op": "test", "path": "/data/a", "value": "1"], ["op": "remove", "path": "/data/a"]])
        #expect(patched["data"]?["a"] == nil)
        let error = await cluster.failure {
            _ = try await $0.patch(
                name("one"), .json,
                [
                    ["op": "add", "path": "/data", "value": ["b": "2"]],
                    ["op": "test", "path": "/data/b", "value": "x"],
                ])
        }
        guard case .invalid = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await cluster.get(name("one"))?["data"]?["b"] == nil)
    }

    @Test func `a merge patch to an older version is a conflict`() async throws {
        let made = try await cluster.create(configMap("one", in: namespace))
        guard let version = made["metadata"]?["resourceVersion"] else { throw Missing() }
        let merged = try await cluster.patch(
            name("one"), .merge, ["metadata": ["resourceVersion": version], "data": ["a": nil, "b": "2"]])
        #expect(merged["data"] == ["b": "2"])
        let error = await cluster.failure {
            _ = try await $0.patch(
                name("one"), .merge, ["metadata": ["resourceVersion": version], "data": ["b": "3"]])
        }
        guard case .conflict = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    private struct Missing: Error {}
}
