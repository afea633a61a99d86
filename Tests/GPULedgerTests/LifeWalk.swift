// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

/// A random but repeatable life of hubs, pods and nodes, with a plain record of what really is: which pods hold a GPU,
/// whatever their objects say. The record shares no code with the ledger.
struct LifeWalk {
    /// A pod as it is; the cluster may show less.
    struct RealPod {
        let reservation: String?
        let node: String
        let cards: Int
    }

    var stage: Stage
    private let restarts: Bool
    private var random: SeededGenerator
    private let clock = SteadyClock()
    /// Processes that hold devices now.
    private(set) var real: [String: RealPod] = [:]
    private(set) var last: Observation?
    private(set) var stale: Ledger?
    private var count = 0
    private(set) var did = ""
    /// When the last one was that could be decided by, in `elapsed`.
    private(set) var seenAt: Duration?
    /// Whether this step was a complete, young snapshot that was taken in.
    private(set) var sawAll = false

    /// - Parameter restarts: also starts the process anew, which has to believe the wall clock.
    init(seed: UInt64, restarts: Bool = true) async throws {
        random = SeededGenerator(seed: seed)
        self.restarts = restarts
        stage = try await Stage.seen()
        stage.ledger.keepTime(by: { [clock] in clock.read() })
        try await stage.look()
        seenAt = clock.read()
    }

    mutating func step() async throws {
        let seconds = Int.random(in: 0...25, using: &random)
        stage.now = stage.now + .seconds(seconds)
        clock.advance(seconds)
        sawAll = false
        count += 1
        switch Int.random(in: 0..<100, using: &random) {
        case ..<18: try await reserve()
        case ..<32: try await makePod()
        case ..<40: await release()
        case ..<48: change()
        case ..<54: turnNode()
        case ..<57: strayPod()
        case ..<60: await expire()
        case ..<62: await jumpClock()
        case ..<64: if restarts { try await restart() }
        case ..<66: try await recreate()
        case ..<70: try await look(isComplete: false)
        case ..<73: try await look(isComplete: true, age: .seconds(40))
        default: try await look(isComplete: true)
        }
    }

    /// Where living pods of a reservation are shown to be.
    func nodes(of id: String) -> Set<String> {
        Set(
            stage.pods.values.filter { $0.reservationID == id && [.pending, .running].contains($0.phase) }
                .compactMap(\.node))
    }

    /// What has elapsed, whatever the wall clock says.
    var elapsed: Duration { clock.read() }

    private mutating func reserve() async throws {
        did = "reserve"
        let user = "user-\(Int.random(in: 0..<6, using: &random))"
        _ = try? await stage.hold(
            user, cards(Int.random(in: 1...2, using: &random)), start: "s\(count)",
            walltime: .seconds(Int.random(in: 60...900, using: &random)))
    }

    private mutating func someLive() async throws -> Reservation? {
        try await stage.ledger.reservations(includingEnded: false).reversed().randomElement(using: &random)
    }

    private mutating func makePod() async throws {
        did = "makePod"
        guard let reservation = try await someLive() else { return }
        try await add(reservation)
    }

    /// One name is one pod: the API server takes no second one. The scheduler takes any node that truly has room.
    private mutating func add(_ reservation: Reservation) async throws {
        let name = "jupyter-\(reservation.server.user)"
        let nodes = roomy(reservation.placement.count)
        guard !stage.pods.values.contains(where: { $0.name == name }),
            let node = nodes.randomElement(using: &random),
            (try? await stage.ledger.bind(reservation.id, server: reservation.server, now: stage.now)) != nil
        else { return }
        let uid = "pod-\(count)"
        try await stage.pod(uid, of: reservation, on: node, isStarted: Bool.random(using: &random))
        real[uid] = RealPod(reservation: reservation.id, node: node, cards: reservation.placement.count)
    }

    /// The nodes that take pods and have so many cards that no process uses.
    private func roomy(_ cards: Int) -> [String] {
        stage.inventory.nodes.filter { node in
            let seen = stage.nodes[node.name]
            let used = real.values.filter { $0.node == node.name }.reduce(0) { $0 + $1.cards }
            return seen?.isReady == true && seen?.isCordoned == false && node.cards.count - used >= cards
        }.map(\.name)
    }

    /// A hub that meets its own pod kills it and makes another.
    private mutating func recreate() async throws {
        did = "recreate"
        guard let (uid, pod) = real.sorted(by: { $0.key < $1.key }).randomElement(using: &random),
            let id = pod.reservation,
            stage.nodes[pod.node]?.isReady == true, let reservation = try await stage.ledger.reservation(id)
        else { return }
        stage.pods[uid] = nil
        real[uid] = nil
        try await add(reservation)
    }

    private mutating func release() async {
        did = "release"
        let user = "user-\(Int.random(in: 0..<6, using: &random))"
        _ = try? await stage.ledger.release(server(user), start: nil, now: stage.now)
    }

    private mutating func change() {
        did = "change"
        guard let uid = stage.pods.keys.sorted().randomElement(using: &random), let pod = stage.pods[uid] else {
            return
        }
        let isReachable = pod.node.flatMap { stage.nodes[$0]?.isReady } ?? true
        switch Int.random(in: 0..<6, using: &random) {
        case 0: stage.change(uid, isTerminating: true)
        case 1: stage.change(uid, phase: .running, hasStarted: true)
        case 2 where isReachable:
            stage.change(uid, phase: Bool.random(using: &random) ? .failed : .succeeded)
            real[uid] = nil
        // Force-deleted where the node does not answer: the object goes, the processes stay.
        case 3, 4:
            stage.pods[uid] = nil
            if isReachable { real[uid] = nil }
        default: break
        }
    }

    private mutating func turnNode() {
        did = "turnNode"
        guard let name = ["a", "b"].randomElement(using: &random), let node = stage.nodes[name] else { return }
        switch Int.random(in: 0..<5, using: &random) {
        case 0, 1: stage.set(name, isReady: false)
        case 2: stage.set(name, isReady: node.isReady, isCordoned: true)
        case 3 where !node.isReady:
            // Another machine by the same name.
            stage.set(name, uid: "\(name)-\(count)")
            for (uid, pod) in real where pod.node == name { (real[uid], stage.pods[uid]) = (nil, nil) }
        default:
            stage.set(name)
            // The kubelet is back and clears away what has no object any more.
            for (uid, pod) in real where pod.node == name && stage.pods[uid] == nil { real[uid] = nil }
        }
    }

    private mutating func strayPod() {
        did = "strayPod"
        if Bool.random(using: &random), let name = ["a", "b"].randomElement(using: &random),
            stage.nodes[name]?.isReady == true
        {
            stage.pods["stray-\(count)"] = stray("stray-\(count)", on: name)
            real["stray-\(count)"] = RealPod(reservation: nil, node: name, cards: 1)
        } else if let uid = real.keys.filter({ $0.hasPrefix("stray") }).min(),
            stage.nodes[real[uid]?.node ?? ""]?.isReady == true
        {
            (real[uid], stage.pods[uid]) = (nil, nil)
        }
    }

    private mutating func expire() async {
        did = "expire"
        _ = try? await stage.ledger.expire(now: stage.now)
    }

    private mutating func jumpClock() async {
        did = "jumpClock"
        stage.now = stage.now + .seconds(Bool.random(using: &random) ? 50_000 : -50_000)
    }

    private mutating func restart() async throws {
        did = "restart"
        try await stage.restart()
        stage.ledger.keepTime(by: { [clock] in clock.read() })
    }

    private mutating func look(isComplete: Bool, age: Duration = .zero) async throws {
        did = "look \(isComplete) \(age)"
        let seen = try await stage.look(isComplete: isComplete, age: age)
        last = seen
        sawAll = seen.isTaken && seen.provesAbsence
        if sawAll { seenAt = elapsed }
    }
}
