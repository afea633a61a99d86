// SPDX-License-Identifier: Apache-2.0

/// More people have gone from the directory than leave in one go: a wrong base, filter or access rule looks the same.
package struct Shrink: Error, Sendable, Hashable {
    /// People who have objects.
    package let people: Int
    /// Those of them whom the directory does not know.
    package let lost: Int

    /// Nil where the loss is within `most` percent. One person may always leave, unless nobody is left.
    init?(people: Int, lost: Int, most: Int) {
        (self.people, self.lost) = (people, lost)
        let isNobodyLeft = lost == people
        guard lost > 0, isNobodyLeft || (lost > 1 && lost * 100 > people * most) else { return nil }
    }
}
