// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import SpawnModel

/// What `/metrics` says of the sync.
struct SyncMetrics: Sendable {
    enum Outcome: String, CaseIterable { case done, refused, failed }

    private let time = Timer(label: "berth_sync_seconds")
    private let lastSuccess = Meter(label: "berth_sync_last_success_unix_seconds")
    private let people = Meter(label: "berth_sync_people")
    private let rejected = Meter(label: "berth_sync_people_rejected")
    private let objects = Meter(label: "berth_sync_objects")
    private let unwritten = Meter(label: "berth_sync_objects_unwritten")
    private let leads = Meter(label: "berth_sync_leads")

    /// All counters are there from the start: an alert on one that never was is silent.
    init() {
        for outcome in Outcome.allCases { Self.runs(outcome).increment(by: 0) }
        for kind in ["create", "restore", "delete"] { Self.writes(kind).increment(by: 0) }
        leads.set(0)
    }

    func note(leads isLeading: Bool) { leads.set(isLeading ? 1 : 0) }

    func note(_ outcome: Outcome, took: Duration, at now: Instant) {
        Self.runs(outcome).increment()
        time.recordNanoseconds(Int64(took / .nanoseconds(1)))
        if outcome != .failed { lastSuccess.set(now.unixMilliseconds / 1000) }
    }

    func note(_ report: SyncReport) {
        people.set(Int64(report.people))
        rejected.set(Int64(report.rejected.count))
        objects.set(Int64(report.objects))
        unwritten.set(Int64(report.unwritten))
        for namespace in report.namespaces {
            Self.writes("create").increment(by: Int64(namespace.created))
            Self.writes("restore").increment(by: Int64(namespace.restored))
            Self.writes("delete").increment(by: Int64(namespace.deleted))
        }
    }

    private static func runs(_ outcome: Outcome) -> Counter {
        Counter(label: "berth_sync_runs_total", dimensions: [("outcome", outcome.rawValue)])
    }

    private static func writes(_ kind: String) -> Counter {
        Counter(label: "berth_sync_writes_total", dimensions: [("write", kind)])
    }
}
