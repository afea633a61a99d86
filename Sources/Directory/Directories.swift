// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Synchronization

/// The directory of a running Berth. It outlives a reload of the configuration: where its terms stay, so do its
/// connections and what it remembers.
package final class Directories: Sendable {
    private let now: @Sendable () -> Instant
    private let inUse = Mutex<People?>(nil)

    package init(now: @escaping @Sendable () -> Instant) { self.now = now }

    /// The people of these terms. Changed terms take the place of the former, whose connections close once nobody waits
    /// for them.
    package func people(_ terms: DirectoryTerms) -> People {
        inUse.withLock { inUse in
            if let people = inUse, people.terms == terms { return people }
            let people = People(terms, now: now)
            inUse = people
            return people
        }
    }

    /// Lets go of people of other terms.
    package func prepare(_ terms: DirectoryTerms?) {
        inUse.withLock { inUse in
            if inUse?.terms != terms { inUse = nil }
        }
    }

    /// How the directory of these terms stood when it was last asked.
    package func standing(_ terms: DirectoryTerms) -> DirectoryStanding { people(terms).standing }
}
