// SPDX-License-Identifier: Apache-2.0

/// What a reservation counts for against quotas, fixed when it is granted.
package struct Charge: Hashable, Sendable {
    /// The one group that pays; nil where the user has none that does.
    package let payer: String?
    /// Thousandths of a whole card.
    package let milliCards: Int
    package let memory: MiB
    /// Nil where it is within what the payer has of its own.
    package let borrowed: Borrowed?

    package init(payer: String?, milliCards: Int, memory: MiB, borrowed: Borrowed? = nil) {
        self.payer = payer
        self.milliCards = milliCards
        self.memory = memory
        self.borrowed = borrowed
    }

    /// Capacity that other groups leave idle is lent for a shorter time.
    package struct Borrowed: Hashable, Sendable {
        /// The walltime that it got.
        package let walltime: Duration
        /// The walltime that was asked for; nil for no limit.
        package let asked: Duration?

        package init(walltime: Duration, asked: Duration?) {
            self.walltime = walltime
            self.asked = asked
        }
    }
}
