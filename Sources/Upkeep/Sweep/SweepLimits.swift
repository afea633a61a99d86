// SPDX-License-Identifier: Apache-2.0

/// How often a cluster is swept, and what a round may do to it.
package struct SweepLimits: Sendable, Hashable {
    /// From the beginning of one round to that of the next.
    package var every = Duration.seconds(300)
    /// After a round that failed.
    package var againAfter = Duration.seconds(60)
    /// For how long an object must have been seen to be left over: whoever has heard of the stop deletes it meanwhile.
    package var grace = Duration.seconds(300)
    /// The same where the ledger does not know the reservation: it may be another ledger's that names a deployment alike.
    package var graceUnknown = Duration.seconds(3600)
    /// The rest is left to the next round.
    package var deletionsMost = 500
    /// Deletions that are under way at once.
    package var writesAtOnce = 8
    /// How long a call is tried again while the API server is away, too busy or failing.
    package var patience = Duration.seconds(60)

    package init() {}
}
