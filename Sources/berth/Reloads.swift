// SPDX-License-Identifier: Apache-2.0
import AdminAPI
import CoreMetrics
import SpawnModel
import Synchronization

/// Has the configuration read again, one reading after another.
///
/// Whoever asks while a reading is under way gets one more behind it, which sees what they have written; further ones
/// share that.
final class Reloads: Sendable {
    enum Cause: String {
        case signal
        case fileChange = "file-change"
        case `operator`
    }

    private let waiting: Waiting
    private let asked: AsyncStream<Cause>.Continuation
    private let work: Task<Void, Never>
    private let watch: Task<Void, Never>

    init(of inForce: SiteInForce) {
        let (causes, asked) = AsyncStream.makeStream(of: Cause.self, bufferingPolicy: .bufferingNewest(1))
        self.asked = asked
        let metrics = ReloadMetrics(of: inForce)
        let waiting = Waiting()
        self.waiting = waiting
        work = Task.detached {
            for await cause in causes {
                let start = ContinuousClock.now
                let told = waiting.take()
                let isInForce = await inForce.reload()
                metrics.note(isInForce, cause, took: .now - start, inForce)
                let report = inForce.report(isInForce: isInForce)
                for one in told { one.resume(returning: report) }
            }
        }
        watch = ConfigurationWatch.start(inForce) { asked.yield(.fileChange) }
    }

    deinit {
        watch.cancel()
        work.cancel()
    }

    func ask(_ cause: Cause) { asked.yield(cause) }

    /// Asks for a reading and waits for what comes of it.
    func report() async -> ReloadReport {
        await withCheckedContinuation { continuation in
            // Before it is asked for: a reading that has begun does not count, the next one does.
            waiting.add(continuation)
            ask(.operator)
        }
    }

    private final class Waiting: Sendable {
        private let continuations = Mutex<[CheckedContinuation<ReloadReport, Never>]>([])

        func add(_ continuation: CheckedContinuation<ReloadReport, Never>) {
            continuations.withLock { $0.append(continuation) }
        }

        func take() -> [CheckedContinuation<ReloadReport, Never>] {
            continuations.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
        }
    }
}

/// What `/metrics` says of reloads.
private struct ReloadMetrics: Sendable {
    private let time = Timer(label: "berth_config_reload_seconds")
    private let isInForce = Meter(label: "berth_config_file_in_force")
    private let loaded = Meter(label: "berth_config_loaded_unix_seconds")
    /// Only where there is one: a time of 0 would say that it has expired.
    private let certificate: Meter?

    /// All series are there from the start: an alert on one that never was is silent.
    init(of inForce: SiteInForce) {
        for cause in [Reloads.Cause.signal, .fileChange, .operator] {
            for outcome in ["loaded", "refused"] { Self.counter(cause, outcome).increment(by: 0) }
        }
        certificate = inForce.certificateValidUntil.map { _ in
            Meter(label: "berth_tls_certificate_expires_unix_seconds")
        }
        isInForce.set(1)
        setTimes(of: inForce)
    }

    private func setTimes(of inForce: SiteInForce) {
        loaded.set(inForce.loadedAt.unixMilliseconds / 1000)
        if let until = inForce.certificateValidUntil { certificate?.set(until.unixMilliseconds / 1000) }
    }

    func note(_ isLoaded: Bool, _ cause: Reloads.Cause, took: Duration, _ inForce: SiteInForce) {
        Self.counter(cause, isLoaded ? "loaded" : "refused").increment()
        time.recordNanoseconds(Int64(took / .nanoseconds(1)))
        self.isInForce.set(isLoaded ? 1 : 0)
        setTimes(of: inForce)
    }

    private static func counter(_ cause: Reloads.Cause, _ outcome: String) -> Counter {
        Counter(label: "berth_config_reloads_total", dimensions: [("cause", cause.rawValue), ("outcome", outcome)])
    }
}
