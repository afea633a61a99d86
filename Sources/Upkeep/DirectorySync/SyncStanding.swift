// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// How the sync stands with this replica, for `/readyz`.
package enum SyncStanding: Sendable, Hashable {
    /// Another replica does it, or nobody has been found to lead yet.
    case follows
    /// This replica leads and its first run is under way.
    case begins
    case done(at: Instant, people: Int)
    /// Done but for deletions, which wait for an operator.
    case refused(Shrink, at: Instant)
    /// The last run was not done to its end; `since` is when the last one was that was, if any.
    case fails(String, since: Instant?)
}

extension SyncStanding: CustomStringConvertible {
    package var description: String {
        switch self {
        case .follows: "ok, left to the replica that leads"
        case .begins: "ok, the first run is under way"
        case .done(let instant, let people): "ok, \(people) people at \(instant)"
        case .refused(let shrink, let instant): "\(shrink) Else all was done at \(instant)."
        case .fails(let reason, let since):
            "\(reason) \(since.map { "Last done at \($0)." } ?? "Never done since the start.")"
        }
    }
}

extension Shrink: CustomStringConvertible {
    package var description: String {
        "\(lost) of \(people) people with objects are no longer in the directory. Nothing of theirs is deleted. Check the "
            + "directory's base, filters and access rules; if they did leave, run `berth sync --accept-shrink` once."
    }
}
