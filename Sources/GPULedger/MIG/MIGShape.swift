// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// A MIG profile on cards of one size: where in their memory an instance of it may begin.
///
/// NVIDIA's rule, as `nvidia-smi mig -lgipp` prints it, in eighths also for cards of four slices, of which each is two:
/// it is the same then for a card's slices of whatever size. Two instances fit beside each other where they do not
/// overlap. Compute slices are never what is short: the starts see to that.
struct MIGShape: Hashable, Sendable {
    let profile: MIGProfile
    /// In eighths.
    let length: Int
    /// In order; no two instances of the profile overlap at them.
    let starts: [Int]
    /// In sevenths.
    let compute: Int
    /// Of one instance, by its part of the card; the driver keeps up to 5 % of it.
    let memory: MiB

    /// Nil where no such card can be cut so.
    init?(_ profile: MIGProfile, cardMemory: MiB) {
        guard let slices = MIGSlices(profile, cardMemory: cardMemory),
            slices.isMemory(of: profile, cardMemory: cardMemory),
            let starts = Self.starts[[slices.computeSevenths, slices.memoryEighths]]
        else { return nil }
        self.profile = profile
        length = slices.memoryEighths
        self.starts = starts
        compute = slices.computeSevenths
        memory = MiB(cardMemory.count * slices.memoryEighths / 8)
    }

    /// By compute slices and eighths of the memory.
    private static let starts: [[Int]: [Int]] = [
        [1, 1]: [0, 1, 2, 3, 4, 5, 6],
        // Twice the usual memory, and an A30's `1g.6gb`.
        [1, 2]: [0, 2, 4, 6],
        [2, 2]: [0, 2, 4],
        // An A30's `2g.12gb`.
        [2, 4]: [0, 4],
        [3, 4]: [0, 4],
        [4, 4]: [0],
        // An A30's `4g.24gb`.
        [4, 8]: [0],
        [7, 8]: [0],
    ]

    /// On one card that nobody has anything of.
    var most: Int { profile.hasMediaEngines ? 1 : starts.count }

    func slot(at start: Int) -> MIGSlot { MIGSlot(profile: profile, start: start, length: length) }
}

extension MIGProfile {
    /// A card has one set of them.
    var hasMediaEngines: Bool { name.contains("+me") }

    /// How many instances one card can be cut into; 0 where none.
    package func most(onCardOf memory: MiB) -> Int { MIGShape(self, cardMemory: memory)?.most ?? 0 }
}
