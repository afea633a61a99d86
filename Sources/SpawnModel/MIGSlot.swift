// SPDX-License-Identifier: Apache-2.0

/// Where on its card an instance is that is made on demand. With the card and the profile, `start` is what it is known by
/// before it exists and while it does: a UUID comes with the instance, and another one with the next.
package struct MIGSlot: Hashable, Sendable {
    package let profile: MIGProfile
    /// In eighths of the card's memory, from 0; a card of four slices has two in each.
    package let start: Int
    /// In eighths too.
    package let length: Int

    package init(profile: MIGProfile, start: Int, length: Int) {
        self.profile = profile
        self.start = start
        self.length = length
    }

    package var eighths: Range<Int> { start..<start + length }
}
