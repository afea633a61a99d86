// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The workplaces of one key that nobody uses now: a few for each algorithm, so that threads do not wait for another.
final class WorkplacePool: Sendable {
    /// One for each core that is likely to verify at once; more are made when needed, and not kept.
    private static let keptMost = 16

    private let free = Mutex<[(algorithm: SigningAlgorithm, place: Workplace)]>([])

    deinit {
        let places = free.withLock { $0 }
        for (_, place) in places { place.free() }
    }

    func take(_ algorithm: SigningAlgorithm) -> Workplace? {
        free.withLock { places in
            // The last one given back is the warmest.
            guard let index = places.lastIndex(where: { $0.algorithm == algorithm }) else { return nil }
            return places.remove(at: index).place
        }
    }

    func giveBack(_ place: Workplace, _ algorithm: SigningAlgorithm) {
        let isKept = free.withLock { places in
            guard places.count < Self.keptMost else { return false }
            places.append((algorithm, place))
            return true
        }
        if !isKept { place.free() }
    }
}
