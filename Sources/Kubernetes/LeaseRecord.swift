// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import JSONTree

/// What a Lease says (coordination.k8s.io/v1).
struct LeaseRecord: Hashable {
    /// Empty when it was given back.
    var holder: String
    var durationSeconds: Int
    /// How often it has changed hands.
    var transitions: Int
    /// As it is written: only whether it changes counts, since it is by another machine's clock.
    var renewTime: String

    init(_ lease: JSON) {
        let spec = lease["spec"]
        holder = spec?["holderIdentity"]?.string ?? ""
        durationSeconds = max(1, spec?["leaseDurationSeconds"]?.int ?? 1)
        transitions = spec?["leaseTransitions"]?.int ?? 0
        renewTime = spec?["renewTime"]?.string ?? ""
    }

    init(holder: String, duration: Duration, transitions: Int) {
        self.holder = holder
        durationSeconds = max(1, Int(duration.components.seconds))
        self.transitions = transitions
        renewTime = LeaseRecord.now()
    }

    var spec: JSON {
        [
            "holderIdentity": JSON(holder), "leaseDurationSeconds": JSON(durationSeconds),
            "leaseTransitions": JSON(transitions), "renewTime": JSON(renewTime),
        ]
    }

    /// `2026-11-28T14:20:05.000042Z`, as the API's MicroTime is written. For people who look; nobody goes by it.
    static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
        let micros = String(1_000_000 + time.tv_nsec / 1000).dropFirst()
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) + ".\(micros)Z"
    }
}

/// A Lease as one replica has seen it change, by its own clock alone.
struct LeaseView {
    private(set) var record: LeaseRecord?
    private var seenAt = ContinuousClock.now

    mutating func observe(_ record: LeaseRecord, at now: ContinuousClock.Instant) {
        guard record != self.record else { return }
        self.record = record
        seenAt = now
    }

    /// Somebody holds it for all that we know: it has changed less than its duration ago.
    func isLive(at now: ContinuousClock.Instant) -> Bool {
        guard let record, !record.holder.isEmpty else { return false }
        return now - seenAt < .seconds(record.durationSeconds)
    }
}
