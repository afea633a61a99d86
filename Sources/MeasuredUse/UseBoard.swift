// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Synchronization

/// What is known at the moment of the use of devices and pods, for people to see; and whether a server is
/// in use (`LastUse`).
///
/// Each reading of a source takes the place of its last one as a whole: what it no longer tells is no longer known, and
/// nothing is carried on over an exporter's restart.
package final class UseBoard: Sendable {
    private struct State {
        var sources: [UseSource] = []
        var staleAfter = Duration.zero
        var readings: [UseSource: UseSums] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Nil for what is unknown or stale, or older than `since`.
    package func use(ofDevice id: String, since: Instant? = nil, now: Instant) -> Use {
        found(now) { sums in
            let use = sums.devices[id] ?? Use()
            return since.map(use.since) ?? use
        }
    }

    /// - Parameters:
    ///   - uid: counts where the exporter tells it; nil where nobody knows it, and the name alone has to say whose it is.
    ///   - since: when the pod began, or what it belongs to: what is older was measured of another of its name.
    package func use(of pod: PodName, uid: String?, since: Instant, now: Instant) -> Use {
        found(now) { sums in
            let named = sums.pods[pod] ?? [:]
            // Of two pods of one name, nobody can say which is meant.
            let only = uid == nil && named.count == 1 ? named.values.first : nil
            return (named[uid] ?? named[.none] ?? only ?? Use()).since(since)
        }
    }

    /// From the first source that tells.
    private func found(_ now: Instant, _ look: (UseSums) -> Use) -> Use {
        state.withLock { state in
            let oldest = now + (.zero - state.staleAfter)
            return state.sources.reduce(Use()) { use, source in
                use.filled(from: state.readings[source].map(look)?.since(oldest) ?? Use())
            }
        }
    }

    /// These sources and no others count from now on.
    func expect(_ terms: MeasuredUseTerms?) {
        state.withLock { state in
            state.sources = terms?.sources ?? []
            state.staleAfter = terms?.staleAfter ?? .zero
            let known = Set(state.sources)
            state.readings = state.readings.filter { known.contains($0.key) }
        }
    }

    func take(_ sums: UseSums, from source: UseSource) {
        state.withLock { state in
            guard state.sources.contains(source) else { return }
            state.readings[source] = sums
        }
    }
}
