// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import SpawnModel
import Testing

@testable import Upkeep

/// What may be deleted, and what must stay.
@Suite struct SweepPlanTests {
    private static let setting = SweepSetting([("prod", "jupyter"), ("labs", "labs")])
    private static let begin = ContinuousClock.now
    private let limits = SweepLimits()

    private func object(
        _ name: String = "cred", of reservationID: String = "r1", deployment: String = "prod",
        in namespace: String = "jupyter"
    ) -> ListedSessionObject {
        ListedSessionObject(
            name: ObjectName(.secret, in: namespace, name), uid: "uid of \(name)", resourceVersion: "1",
            deployment: deployment, reservationID: reservationID)
    }

    /// A plan for objects that were seen to be left over at `begin`.
    private func plan(
        _ objects: [ListedSessionObject], _ states: [String: Reservation.State], living: Set<String> = [],
        after span: Duration, limits: SweepLimits = SweepLimits()
    ) -> SweepPlan {
        SweepPlan(
            objects, states: states, living: living,
            since: Dictionary(uniqueKeysWithValues: objects.map { ($0.uid, Self.begin) }), in: Self.setting,
            limits: limits, now: Self.begin + span)
    }

    @Test(arguments: Reservation.State.allCases)
    func `only what is of an ended reservation is deleted, and once it was left over for the grace`(
        state: Reservation.State
    ) {
        let early = plan([object()], ["r1": state], after: limits.grace - .nanoseconds(1))
        #expect(early.deletions.isEmpty && early.kept == [state.holdsCapacity ? .held : .fresh: 1])
        let late = plan([object()], ["r1": state], after: limits.grace)
        #expect(late.deletions == (state.holdsCapacity ? [] : [object()]))
    }

    @Test func `a pod of the reservation that has not ended keeps it, and the grace begins anew after that`() {
        let kept = plan([object()], ["r1": .released], living: ["r1"], after: .seconds(86_400))
        #expect(kept.deletions.isEmpty && kept.kept == [.pod: 1] && kept.since.isEmpty)
        let other = plan([object()], ["r1": .released], living: ["r2"], after: limits.grace)
        #expect(other.deletions == [object()])
    }

    @Test
    func `what is seen for the first time stays for the grace, and an object made anew is seen for the first time`() {
        let first = SweepPlan(
            [object()], states: ["r1": .expired], living: [], since: ["uid of its former": Self.begin],
            in: Self.setting, limits: limits, now: Self.begin + .seconds(86_400))
        #expect(first.deletions.isEmpty && first.kept == [.fresh: 1])
        #expect(first.since == [object().uid: Self.begin + .seconds(86_400)])
    }

    @Test
    func `a reservation that this ledger does not know has the longer grace, in its deployment's namespace alone`() {
        let (own, elsewhere) = (object("own"), object("elsewhere", in: "labs"))
        let early = plan([own, elsewhere], [:], after: limits.graceUnknown - .nanoseconds(1))
        #expect(early.deletions.isEmpty && early.kept == [.fresh: 1, .foreign: 1])
        let late = plan([own, elsewhere], [:], after: limits.graceUnknown)
        #expect(late.deletions == [own] && late.kept == [.foreign: 1])
    }

    @Test(arguments: [Reservation.State.released, nil])
    func `another deployment's is never deleted`(state: Reservation.State?) {
        let foreign = object(deployment: "staging")
        let plan = plan([foreign], state.map { ["r1": $0] } ?? [:], after: .seconds(86_400))
        #expect(plan.deletions.isEmpty && plan.kept == [.foreign: 1])
    }

    @Test func `a round deletes no more than it may, and leaves the rest to the next`() {
        var limits = limits
        limits.deletionsMost = 2
        let objects = (0..<5).map { object("o\($0)") }
        let plan = plan(objects, ["r1": .cancelled], after: limits.grace, limits: limits)
        #expect(plan.deletions == Array(objects.prefix(2)) && plan.kept == [.rest: 3] && plan.since.count == 5)
    }

    // MARK: What a list shows

    private static let labels: JSONObject = [
        ObjectLabel.managedBy: "berth", ObjectLabel.object: "cred", ObjectLabel.lifetime: "session",
        ObjectLabel.deployment: "prod", ObjectLabel.user: "ada", ObjectLabel.server: "s", ObjectLabel.reservation: "r1",
    ]

    private func listed(_ labels: JSONObject, _ more: JSONObject = [:]) -> ListedSessionObject? {
        var metadata: JSONObject = ["name": "cred", "uid": "u", "resourceVersion": "7", "labels": JSON(labels)]
        metadata.merge(more)
        return ListedSessionObject(["metadata": JSON(metadata)], .secret, in: "jupyter")
    }

    @Test func `an object of a start is known by its labels`() {
        #expect(
            listed(Self.labels)
                == ListedSessionObject(
                    name: ObjectName(.secret, in: "jupyter", "cred"), uid: "u", resourceVersion: "7",
                    deployment: "prod", reservationID: "r1"))
    }

    @Test(
        arguments: [
            (ObjectLabel.managedBy, nil), (ObjectLabel.managedBy, "helm"), (ObjectLabel.lifetime, nil),
            (ObjectLabel.lifetime, "user"), (ObjectLabel.lifetime, "keep"), (ObjectLabel.object, nil),
            (ObjectLabel.object, ObjectLabel.overlay), (ObjectLabel.deployment, nil), (ObjectLabel.reservation, nil),
            (ObjectLabel.reservation, ""),
        ] as [(String, String?)])
    func `an object that lacks one of Berth's labels, or says that it stays, is none`(label: String, value: String?) {
        var labels = Self.labels
        labels[label] = value.map { JSON($0) }
        #expect(listed(labels) == nil)
    }

    @Test func `an object that is being deleted is none`() {
        #expect(listed(Self.labels, ["deletionTimestamp": "2026-01-01T00:00:00Z"]) == nil)
    }
}
