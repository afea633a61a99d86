// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Synchronization

/// The picture as of the last commit: replaced by the writer's thread, read by any.
final class SharedPicture: Sendable {
    private struct State {
        var catalogue: DeviceCatalogue
        var holds: [Hold]
        var outside: OutsideUse
        /// Nil until it is asked for.
        var picture: Picture?
    }

    private let state: Mutex<State>

    init(_ catalogue: DeviceCatalogue, _ holds: [Hold], _ outside: OutsideUse) {
        state = Mutex(State(catalogue: catalogue, holds: holds, outside: outside))
    }

    var catalogue: DeviceCatalogue { state.withLock(\.catalogue) }

    func current(_ now: Instant) -> Picture {
        state.withLock { state in
            if let picture = state.picture { return picture }
            let layout = state.outside.layout(state.catalogue, beside: state.holds, now: now)
            let picture = Picture(state.catalogue, state.holds + layout.holds)
            state.picture = picture
            return picture
        }
    }

    func replace(_ catalogue: DeviceCatalogue) {
        state.withLock {
            $0.catalogue = catalogue.draining($0.catalogue.drained)
            $0.picture = nil
        }
    }

    /// Reads the live reservations and the marks on nodes anew. Should that fail, the last picture stays: decisions do
    /// not depend on it, and the next commit renews it.
    func renew(from connection: any SQLConnection) {
        let rows = LedgerRows(connection)
        guard let holds = try? rows.holds(), let outside = try? rows.outside(),
            let drained = try? rows.drainedNodes()
        else { return }
        state.withLock { state in
            state.catalogue = state.catalogue.draining(drained)
            state.holds = holds
            state.outside = outside
            state.picture = nil
        }
    }
}
