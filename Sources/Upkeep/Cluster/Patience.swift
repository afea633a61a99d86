// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import Kubernetes

/// Repeats calls while the API server is away, too busy or failing, as it is when it restarts.
struct Patience: Sendable {
    /// From the first failure of one call.
    let span: Duration

    private static let pauseFirst = Duration.milliseconds(200)
    private static let pauseMost = Duration.seconds(5)

    /// - Parameter call: may be done again where no answer came, though it may have been done.
    func call<Value>(
        _ call: () async throws(KubernetesError) -> Value
    ) async throws(UpkeepError) -> Value {
        var pause = Self.pauseFirst
        var end: ContinuousClock.Instant?
        while true {
            do throws(KubernetesError) { return try await call() } catch {
                if Task.isCancelled { throw .stopped }
                let now = ContinuousClock.now
                let limit = end ?? now + span
                end = limit
                // Not all at once, when a server that was away is back.
                let wait = max(error.retryAfter ?? .zero, pause * Double.random(in: 0.5...1))
                guard error.mayPass, now + wait < limit else { throw .cluster(error) }
                guard (try? await Task.sleep(for: wait)) != nil else { throw .stopped }
                pause = min(pause * 2, Self.pauseMost)
            }
        }
    }
}

extension KubernetesError {
    /// Whether the same call may do better later, without anybody changing anything.
    var mayPass: Bool {
        switch self {
        case .noAnswer, .throttled, .serverFailed, .unreadable: true
        case .unauthorized, .forbidden, .notFound, .alreadyExists, .conflict, .fieldConflict, .expired, .invalid,
            .tokenUnreadable, .unfit:
            false
        }
    }
}
