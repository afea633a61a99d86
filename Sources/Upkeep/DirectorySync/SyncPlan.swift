// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What is to be written so that a namespace holds what the directory says. Pure: it takes what was read and the clock.
package struct SyncPlan: Sendable {
    /// Places in the wanted objects.
    package let creations: [Int]
    /// Places in the wanted objects.
    package let restorations: [Int]
    package let deletions: [ListedObject]
    package let kept: [Reason: Int]
    /// Nil where deletions may go on.
    package let refusal: Shrink?

    /// Why an object that nobody in the directory has any more stays for now.
    package enum Reason: String, Sendable, CaseIterable {
        /// A pod mounts it that has not ended.
        case mounted
        /// A pod that mounts it may be on its way.
        case fresh
        /// Its person's entry can't be used as it is.
        case unusableEntry = "unusable-entry"
        /// Deletions wait for an operator.
        case shrink
    }

    /// - Parameters:
    ///   - mounted: names of the objects that pods mount which have not ended; read after the objects were.
    ///   - readAt: when the reading of the directory began.
    ///   - acceptsShrink: an operator has said that so many people did leave.
    package init(
        _ drift: Drift, of wanted: WantedObjects, mounted: Set<String>, limits: SyncLimits, readAt: Instant,
        now: Instant, acceptsShrink: Bool = false
    ) {
        creations = drift.missing
        restorations = drift.tampered
        refusal =
            acceptsShrink
            ? nil
            : Shrink(
                people: drift.people, lost: drift.lost, directoryIsEmpty: wanted.isEmpty, most: limits.shrinkPercent)
        var (deletions, kept): ([ListedObject], [Reason: Int]) = ([], [:])
        for object in drift.leftovers {
            let reason: Reason? =
                if mounted.contains(object.name) {
                    .mounted
                } else if let user = object.user, wanted.isUnusable(user) {
                    .unusableEntry
                } else if object.isFresh(
                    isOwned: object.user.map(wanted.knows) ?? true, limits, readAt: readAt, now: now)
                {
                    .fresh
                } else if refusal != nil {
                    .shrink
                } else {
                    nil
                }
            if let reason { kept[reason, default: 0] += 1 } else { deletions.append(object) }
        }
        self.deletions = deletions
        self.kept = kept
    }
}

extension ListedObject {
    /// Whether a pod that mounts it may be on its way.
    ///
    /// - Parameter isOwned: its person is in the directory. A person who is not can't start anything, unless they came
    ///   after the directory was read.
    func isFresh(isOwned: Bool, _ limits: SyncLimits, readAt: Instant, now: Instant) -> Bool {
        if let neededAt, now < neededAt + limits.spawnGrace { return true }
        // The time of making is in whole seconds, and not rounded.
        return isOwned ? now < madeAt + limits.spawnGrace : readAt < madeAt + .seconds(1)
    }
}
