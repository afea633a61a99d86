// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// What would become different for one user.
struct StandingDiff {
    let user: String
    /// In the order of the new configuration; what is lost comes where it stood in the old one, behind the rest.
    let changes: [Change]

    struct Change {
        let fact: Fact
        /// Nil for what is gained.
        let before: String?
        /// Nil for what is lost.
        let after: String?
    }

    init(of user: String, from old: Standing, to new: Standing) {
        self.user = user
        let gone = old.order.filter { new.facts[$0] == nil }
        changes = (new.order + gone).compactMap { fact in
            let (before, after) = (old.facts[fact], new.facts[fact])
            return before == after ? nil : Change(fact: fact, before: before, after: after)
        }
    }

    /// For people: what is part of a profile or a choice that comes or goes is said by that.
    var mainChanges: [Change] {
        let moves = changes.filter { $0.kind != .change }.map(\.fact)
        let profiles = Set(moves.filter { $0.kind == .profile }.map(\.profile))
        let choices = Set(moves.filter { $0.kind.isChoice }.map { [$0.profile, $0.choice] })
        return changes.filter { change in
            let fact = change.fact
            if fact.kind == .profile || fact.profile == nil { return true }
            return !profiles.contains(fact.profile)
                && (fact.kind != .trait || !choices.contains([fact.profile, fact.choice]))
        }
    }
}

extension StandingDiff.Change {
    /// Stable names: they stand in the JSON.
    enum Kind: String, CaseIterable {
        case gain, loss, change
    }

    var kind: Kind { before == nil ? .gain : after == nil ? .loss : .change }

    var json: JSON {
        [
            "change": JSON(kind.rawValue), "kind": JSON(fact.kind.rawValue),
            "profile": fact.profile.map { JSON($0) } ?? .null, "name": JSON(fact.name),
            "before": before.map { JSON($0) } ?? .null, "after": after.map { JSON($0) } ?? .null,
        ]
    }
}
