// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// How long a server may be unused, and what follows of that.
package struct IdleLimit: Sendable, Hashable {
    /// Its user is told that it ends after so long.
    package let span: Duration

    package init(_ span: Duration) { self.span = span }

    /// The shortest at which a hub as it comes tells of all use in time: it passes over what is less than 30 seconds newer
    /// than what it knows (`JupyterHub.activity_resolution`).
    package static let least = Duration.seconds(300)

    /// How long after a use the hub may still not have heard of it. A server ends so much later than its user was told, so
    /// that whoever used it before the time that they were told keeps it.
    package var lag: Duration { min(span / 4, .seconds(360)) }

    /// How often the server tells the hub of its use, so that the hub has heard within `lag`: JupyterHub varies the pause by
    /// a tenth. Five minutes, its own default, from a limit of 24 minutes on.
    package var reportEvery: Duration {
        let resolution = min(lag / 2, .seconds(30))
        return .seconds(max(1, ((lag - resolution) / 1.1).wholeSeconds))
    }

    /// How often the hub is asked.
    var askEvery: Duration { min(max(span / 10, .seconds(1)), .seconds(60)) }

    /// Before which spans of the end the user is told, the longest first: those of `usual` that leave half of the limit
    /// quiet, or a quarter of the limit where none does.
    package func warnBefore(_ usual: [Duration]) -> [Duration] {
        let fitting = usual.filter { $0 <= span / 2 }
        return fitting.isEmpty ? [span / 4] : fitting.sorted(by: >)
    }
}
