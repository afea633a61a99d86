// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import LabCluster
import Testing

/// Watches of a real API server.
struct WatchTests {
    private let real: RealCluster
    private let cluster: Cluster
    private let namespace: String

    init() async throws {
        real = try await RealCluster.shared.value
        cluster = real.admin
        namespace = try await real.namespace()
    }

    private func name(_ name: String) -> ObjectName { ObjectName(.configMap, in: namespace, name) }

    @Test func `first all that there is, then what becomes different, in its order`() async throws {
        _ = try await cluster.create(configMap("one", in: namespace))
        let watching = Watching(cluster, .maps(in: namespace))
        #expect(await eventually { watching.isComplete && watching.names.contains("one") })
        _ = try await cluster.create(configMap("two", in: namespace))
        _ = try await cluster.patch(name("one"), .merge, ["data": ["a": "2"]])
        _ = try await cluster.delete(name("two"))
        #expect(await eventually { watching.words.count >= 3 })
        #expect(watching.words == ["set two", "set one", "gone two"])
        #expect(watching.names == ["one"])
        #expect(watching.lists == 1 && watching.failures.isEmpty)
    }

    @Test func `only what was asked for is told, and no more of it`() async throws {
        let terms = WatchTerms(.configMap, in: namespace, labels: "wanted=yes", metadataOnly: true)
        let watching = Watching(cluster, terms)
        #expect(await eventually { watching.isComplete })
        _ = try await cluster.create(configMap("other", in: namespace))
        var wanted = configMap("wanted", in: namespace)
        wanted["metadata"]?["labels"] = ["wanted": "yes"]
        _ = try await cluster.create(wanted)
        #expect(await eventually { !watching.words.isEmpty })
        #expect(watching.words == ["set wanted"])
    }

    @Test func `a connection that the server ends in good order is followed by another`() async throws {
        let watching = Watching(cluster, .maps(in: namespace) { $0.span = .seconds(1) })
        #expect(await eventually { watching.isComplete })
        for number in 0..<8 {
            try await Task.sleep(for: .milliseconds(400))
            _ = try await cluster.create(configMap("m\(number)", in: namespace))
        }
        let wanted = (0..<8).map { "set m\($0)" }
        #expect(await eventually { watching.words.count >= wanted.count })
        #expect(watching.words == wanted && watching.lists == 1 && watching.failures.isEmpty)
    }

    @Test func `that nothing is new is told as well`() async throws {
        let watching = Watching(cluster, .maps(in: namespace) { $0.span = .seconds(1) })
        #expect(await eventually { watching.assurances >= 3 })
        #expect(watching.isComplete && watching.words.isEmpty && watching.lists == 1)
    }

    @Test func `what a role does not let us see is told, until it does`() async throws {
        try await real.makeAccount("watcher", in: namespace)
        let guest = try real.cluster(token: try await real.token(of: "watcher", in: namespace))
        let watching = Watching(guest, .maps(in: namespace))
        #expect(await eventually { !watching.failures.isEmpty })
        guard case .forbidden(let call, _)? = watching.failures.first else {
            Issue.record("\(watching.failures)")
            return
        }
        #expect(call.verb == .list && !watching.isComplete)
        try await real.allow("watcher", in: namespace, ["list", "watch"], on: "configmaps")
        #expect(await eventually { watching.isComplete })
    }

    @Test func `a cancelled watch ends`() async throws {
        let watching = Watching(cluster, .maps(in: namespace))
        #expect(await eventually { watching.isComplete })
        await watching.cancel()
        _ = try await cluster.create(configMap("late", in: namespace))
        #expect(watching.words.isEmpty)
    }
}

/// Faults of the API server itself, which is this suite's own: whatever else is asked of it would fail, too.
@Suite(.serialized) struct OutageTests {
    private static let own = Task { try await RealCluster.start() }
    private let real: RealCluster
    private let namespace: String

    init() async throws {
        real = try await OutageTests.own.value
        namespace = try await real.namespace()
    }

    /// By name, as the server has them.
    private func served() async throws -> [String: String] {
        let (items, _) = try await real.admin.listAll(.configMap, in: namespace)
        return Dictionary(
            items.map { ($0["metadata"]?["name"]?.string ?? "", $0["metadata"]?["resourceVersion"]?.string ?? "") },
            uniquingKeysWith: { $1 })
    }

    /// Writes through whatever happens, as one who tries again does.
    private func write(_ count: Int) async {
        for number in 0..<count {
            let object = ObjectName(.configMap, in: namespace, "m\(number)")
            _ = await eventually {
                if (try? await real.admin.create(configMap(object.name, in: namespace))) != nil { return true }
                return (try? await real.admin.get(object)) != nil
            }
            if number % 3 == 0 { _ = await eventually { (try? await real.admin.delete(object)) != nil } }
        }
    }

    @Test func `a restart of the API server loses nothing`() async throws {
        let watching = Watching(real.admin, .maps(in: namespace))
        #expect(await eventually { watching.isComplete })
        async let writing: Void = write(60)
        #expect(await eventually { watching.words.count > 5 })
        await real.obey("restart-apiserver")
        await writing
        let wanted = try await served()
        #expect(await eventually { watching.versions == wanted })
        #expect(wanted.count == 40 && !watching.failures.isEmpty)
    }

    /// A role that is taken away and given back keeps the watch from following while versions pass.
    @Test func `where the version is no longer kept, all is read anew`() async throws {
        await write(3)
        try await real.makeAccount("watcher", in: namespace)
        try await real.allow("watcher", in: namespace, ["list", "watch"], on: "configmaps")
        let watcher = try real.cluster(token: try await real.token(of: "watcher", in: namespace))
        let watching = Watching(watcher, .maps(in: namespace))
        #expect(await eventually { watching.names == ["m1", "m2"] })
        try await real.forbid("watcher", in: namespace, "configmaps")
        await real.obey("restart-apiserver")
        #expect(await eventually { watching.failures.contains { if case .forbidden = $0 { true } else { false } } })
        await write(12)
        await real.obey("compact")
        await real.obey("restart-apiserver")
        let before = watching.lists
        try await real.allow("watcher", in: namespace, ["list", "watch"], on: "configmaps")
        let wanted = try await served()
        #expect(await eventually { watching.versions == wanted })
        #expect(watching.lists == before + 1 && wanted.count == 8)
    }

    @Test func `a list whose rest was dropped begins anew, and says so`() async throws {
        await write(9)
        var limits = ClusterLimits()
        limits.pageObjects = 2
        let small = try real.cluster(token: real.facts.adminToken, limits: limits)
        var pages: [Bool] = []
        var names: [String] = []
        try await small.list(.configMap, in: namespace) { page in
            names = (page.isFirst ? [] : names) + page.items.compactMap { $0["metadata"]?["name"]?.string }
            pages.append(page.isFirst)
            guard pages.count == 2 else { return }
            _ = try? await real.admin.create(configMap("later", in: namespace))
            await real.obey("compact")
        }
        #expect(pages.prefix(4) == [true, false, true, false], "\(pages)")
        #expect(Set(names) == Set(try await served().keys) && names.contains("later"))
    }

    @Test func `a server that falls silent is left, and asked again`() async throws {
        let watching = Watching(real.admin, .maps(in: namespace) { $0.silence = .milliseconds(300) })
        #expect(await eventually { watching.isComplete })
        await real.obey("pause-apiserver")
        #expect(await eventually { watching.failures.contains { if case .noAnswer = $0 { true } else { false } } })
        await real.obey("resume-apiserver")
        await write(2)
        #expect(await eventually { watching.names == ["m1"] })
    }
}
