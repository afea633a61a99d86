// SPDX-License-Identifier: Apache-2.0

/// More people have gone from the directory than leave in one go: a wrong base, filter or access rule looks the same.
package struct Shrink: Error, Sendable, Hashable {
    /// People who have objects.
    package let people: Int
    /// Those of them whom the directory does not know.
    package let lost: Int

    /// Nil where the loss is within `most` percent. One person may always leave, unless the directory has nobody.
    init?(people: Int, lost: Int, directoryIsEmpty: Bool, most: Int) {
        (self.people, self.lost) = (people, lost)
        guard lost > 0, directoryIsEmpty || (lost > 1 && lost * 100 > people * most) else { return nil }
    }
}
