// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// How the sync stands with this replica, for `/readyz`.
package enum SyncStanding: Sendable, Hashable {
    case notYet
    /// Another replica does it.
    case follows
    case done(at: Instant, people: Int)
    /// Done but for deletions, which wait for an operator.
    case refused(Shrink, at: Instant)
    /// The last run was not done to its end; `since` is when the last one was that was, if any.
    case fails(String, since: Instant?)
}

extension SyncStanding: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notYet: "not done yet"
        case .follows: "ok, another replica does it"
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
