// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import Upkeep

struct EndPlanTests {
    private let start = ContinuousClock.now
    private let limits = EndLimits()
    private let both = EndWays(asksHub: true, deletesPods: true, grace: .seconds(60))

    private func over(_ id: String, _ reason: EndReason = .walltime) -> EndPlan.Due {
        let reservation = Reservation(
            id: id, server: ServerID(deployment: "production", user: "ada", name: ""), start: StartID("s")!,
            state: .overdue,
            revision: 3, gpu: nil, placement: [], terms: "", createdAt: Instant(unixSeconds: 0),
            heldUntil: Instant(unixSeconds: 0), endsBy: Instant(unixSeconds: 0))
        return .init(reservation, reason)
    }

    /// What is done, second by second, while nobody ends the session.
    private func steps(
        _ ways: EndWays, seconds: Range<Int>, forgets: Bool = false
    ) -> [(second: Int, kind: EndPlan.Step.Kind)] {
        var records: [String: EndPlan.Record] = [:]
        var done: [(Int, EndPlan.Step.Kind)] = []
        for second in seconds {
            let plan = EndPlan(
                [over("r1")], records: records, ways: { _ in ways }, limits: limits, now: start + .seconds(second))
            records = plan.records
            if forgets { records["r1"]?.isUnknownToHub = true }
            done += plan.steps.map { (second, $0.kind) }
        }
        return done
    }

    @Test func `the hub is asked at once and again, and the pod is deleted after its grace alone`() {
        let done = steps(both, seconds: 0..<63)
        #expect(done.filter { $0.kind == .askHub }.map(\.second) == [0, 15, 30, 45, 60])
        #expect(done.filter { $0.kind == .deletePod }.map(\.second) == [60, 61, 62])
    }

    @Test func `a hub that does not know the server is not waited for`() {
        #expect(steps(both, seconds: 0..<2, forgets: true).map(\.kind) == [.askHub, .deletePod])
    }

    @Test func `without a hub to ask the pod is deleted, and without either nothing can be done`() {
        let ways = EndWays(asksHub: false, deletesPods: true, grace: .seconds(60))
        #expect(steps(ways, seconds: 0..<1).map(\.kind) == [.deletePod])
        let none = EndWays(asksHub: false, deletesPods: false, grace: .zero)
        #expect(steps(none, seconds: 0..<100).isEmpty)
    }

    @Test func `an unused server ends by the same steps, and one that is used again is left alone`() {
        let first = EndPlan([over("r1", .idle)], records: [:], ways: { _ in both }, limits: limits, now: start)
        #expect(first.steps.map(\.kind) == [.askHub] && first.steps.map(\.due.reason) == [.idle])
        let used = EndPlan(
            [], records: first.records, ways: { _ in both }, limits: limits, now: start + .seconds(61))
        #expect(used.steps.isEmpty && used.records.isEmpty)
        let again = EndPlan(
            [over("r1", .idle)], records: used.records, ways: { _ in both }, limits: limits, now: start + .seconds(62))
        #expect(again.steps.map(\.kind) == [.askHub])
    }

    @Test func `one whose end has moved is forgotten`() {
        let first = EndPlan([over("r1"), over("r2")], records: [:], ways: { _ in both }, limits: limits, now: start)
        let second = EndPlan([over("r2")], records: first.records, ways: { _ in both }, limits: limits, now: start)
        #expect(first.records.count == 2 && Array(second.records.keys) == ["r2"] && second.steps.isEmpty)
    }
}
