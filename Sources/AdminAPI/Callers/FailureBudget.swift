// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Synchronization

/// How many tokens may be refused in a minute before no further unknown one is looked at: a guesser learns little, and
/// hubs and issuers are not asked on their account.
final class FailureBudget: Sendable {
    static let most = 60
    private static let span = Duration.seconds(60)

    private struct State {
        var since: Instant
        var count = 0
    }

    private let now: @Sendable () -> Instant
    private let state: Mutex<State>

    init(now: @escaping @Sendable () -> Instant) {
        self.now = now
        state = Mutex(State(since: now()))
    }

    var isAnyLeft: Bool { counted { $0.count < Self.most } }

    func note() { counted { $0.count += 1 } }

    private func counted<Value>(_ body: (inout State) -> Value) -> Value {
        let time = now()
        return state.withLock { state in
            // Also where the clock was set back.
            if time < state.since || time - state.since >= Self.span { state = State(since: time) }
            return body(&state)
        }
    }
}
