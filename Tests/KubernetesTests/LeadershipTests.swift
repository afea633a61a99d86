// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import LabCluster
import Synchronization
import Testing

/// One leader among replicas, by a Lease of a real API server.
struct LeadershipTests {
    private let real: RealCluster
    private let namespace: String

    init() async throws {
        real = try await RealCluster.shared.value
        namespace = try await real.namespace()
    }

    private var lease: ObjectName { ObjectName(.lease, in: namespace, "berth") }

    /// A candidate that counts how many lead at once.
    private func candidate(_ name: String, _ cluster: Cluster, _ log: LeaderLog) -> Task<Void, Never> {
        var terms = LeadershipTerms(in: namespace, "berth", identity: name)
        terms.duration = .seconds(4)
        terms.renewDeadline = .milliseconds(2500)
        terms.pause = .milliseconds(200)
        let leadership = Leadership(of: cluster, terms)
        return Task {
            await leadership.run { term in
                log.begin(name, term)
                while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
                log.end(name)
            }
        }
    }

    @Test func `one leads, and the next follows as soon as it leaves`() async throws {
        let log = LeaderLog()
        let first = candidate("first", real.admin, log)
        #expect(await eventually { log.leader == "first" })
        let second = candidate("second", real.admin, log)
        #expect(try await real.admin.get(lease)?["spec"]?["holderIdentity"] == "first")
        first.cancel()
        await first.value
        #expect(try await real.admin.get(lease)?["spec"]?["holderIdentity"]?.string != "first")
        #expect(await eventually { log.leader == "second" })
        #expect(log.most == 1 && log.fencings == [0, 1])
        second.cancel()
        await second.value
    }

    @Test func `a leader that can't renew has stopped before another leads`() async throws {
        try await real.makeAccount("first", in: namespace)
        let verbs = ["get", "create", "patch"]
        try await real.allow("first", in: namespace, verbs, on: "leases")
        let own = try real.cluster(token: try await real.token(of: "first", in: namespace))
        let log = LeaderLog()
        let first = candidate("first", own, log)
        #expect(await eventually { log.leader == "first" })
        let second = candidate("second", real.admin, log)
        try await real.forbid("first", in: namespace, "leases")
        #expect(await eventually { log.leader == "second" })
        #expect(log.most == 1 && log.events == ["first leads", "first stops", "second leads"])
        #expect(log.fencings == [0, 1])
        for task in [first, second] {
            task.cancel()
            await task.value
        }
    }

    @Test func `among three that come and go, never two lead at once`() async throws {
        let log = LeaderLog()
        var tasks = (0..<3).map { candidate("c\($0)", real.admin, log) }
        for round in 0..<6 {
            let before = log.fencings.count
            #expect(await eventually { log.leader != nil && log.fencings.count >= before })
            let leader = log.leader.flatMap { Int($0.dropFirst().prefix(1)) } ?? 0
            tasks[leader].cancel()
            await tasks[leader].value
            tasks[leader] = candidate("c\(leader)-\(round)", real.admin, log)
        }
        #expect(await eventually { log.fencings.count >= 6 })
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        #expect(log.most == 1)
        #expect(log.fencings == log.fencings.sorted() && Set(log.fencings).count == log.fencings.count)
    }

    /// Another machine's clock may say anything.
    @Test(arguments: ["1999-01-01T00:00:00.000000Z", "2999-01-01T00:00:00.000000Z"])
    func `a holder's clock says nothing, only whether it still renews`(time: String) async throws {
        let other: JSON = [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": ["name": "berth", "namespace": JSON(namespace)],
            "spec": ["holderIdentity": "other", "leaseDurationSeconds": 4, "renewTime": JSON(time)],
        ]
        _ = try await real.admin.create(other)
        let log = LeaderLog()
        let task = candidate("ours", real.admin, log)
        for second in 1...6 {
            try await Task.sleep(for: .seconds(1))
            let renewed = String(time.dropLast(3)) + "\(second)0Z"
            _ = try await real.admin.patch(lease, .merge, ["spec": ["renewTime": JSON(renewed)]])
        }
        #expect(log.leader == nil, "taken while it was renewed")
        #expect(await eventually { log.leader == "ours" }, "not taken although it stands still")
        task.cancel()
        await task.value
    }

    @Test func `a Lease that somebody else takes by hand is left at once`() async throws {
        let log = LeaderLog()
        let task = candidate("ours", real.admin, log)
        #expect(await eventually { log.leader == "ours" })
        _ = try await real.admin.patch(lease, .merge, ["spec": ["holderIdentity": "other"]])
        #expect(await eventually { log.events == ["ours leads", "ours stops"] })
        task.cancel()
        await task.value
        #expect(try await real.admin.get(lease)?["spec"]?["holderIdentity"] == "other")
    }
}

/// Who has led, and how many at once.
private final class LeaderLog: Sendable {
    private struct State {
        var leading: [String: LeadershipTerm] = [:]
        var most = 0
        var fencings: [Int] = []
        var events: [String] = []
    }

    private let state = Mutex(State())

    func begin(_ name: String, _ term: LeadershipTerm) {
        state.withLock {
            $0.leading[name] = term
            $0.most = max($0.most, $0.leading.count)
            $0.fencings.append(term.fencing)
            $0.events.append("\(name) leads")
        }
    }

    func end(_ name: String) {
        state.withLock {
            $0.leading[name] = nil
            $0.events.append("\(name) stops")
        }
    }

    var leader: String? { state.withLock { $0.leading.keys.first } }
    var most: Int { state.withLock(\.most) }
    var fencings: [Int] { state.withLock(\.fencings) }
    var events: [String] { state.withLock(\.events) }
}
