// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// How much of its card a MIG profile takes. NVIDIA names profiles by compute slices and rounded memory: `1g.10gb` is
/// an eighth of an 80 GB card and a quarter of a 40 GB one, so the card has to be known.
struct MIGSlices: Hashable, Sendable {
    /// An A30's quarters are two each.
    let memoryEighths: Int
    let computeSevenths: Int

    /// Nil when the name is not in NVIDIA's spelling, or makes no sense on such a card.
    init?(_ profile: MIGProfile, cardMemory: MiB) {
        guard let name = ProfileName(profile.name), cardMemory.count > 0 else { return nil }
        // To the nearest: names round the memory to whole GB, by up to 3 % of a slice.
        let eighths = (name.gigabytes * 8 * 1024 * 2 + cardMemory.count) / (cardMemory.count * 2)
        guard (1...8).contains(eighths) else { return nil }
        memoryEighths = eighths
        computeSevenths = name.compute
    }

    /// Whether the name's memory is as much as these eighths of the card, and not just nearest to it.
    func isMemory(of profile: MIGProfile, cardMemory: MiB) -> Bool {
        let named = (ProfileName(profile.name)?.gigabytes ?? 0) * 8 * 1024
        return abs(named - cardMemory.count * memoryEighths) * 10 <= cardMemory.count * memoryEighths
    }

    /// Of the card that such instances are cut from, where nothing else tells. A profile with twice the usual memory
    /// looks like the usual one of a larger card.
    static func usualCardMemory(for profile: MIGProfile) -> MiB? {
        guard let name = ProfileName(profile.name) else { return nil }
        if [1: 6, 2: 12, 4: 24][name.compute] == name.gigabytes { return MiB(24 * 1024) }  // an A30's
        let eighths = [1: 1, 2: 2, 3: 4, 4: 4, 7: 8][name.compute]
        return eighths.map { MiB(name.gigabytes * 8 * 1024 / $0) }
    }
}

/// `3g.40gb`, with whatever follows the memory: `1g.10gb+me`.
private struct ProfileName {
    let compute: Int
    let gigabytes: Int

    init?(_ name: String) {
        let parts = name.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, parts[0].last == "g", let compute = Int(parts[0].dropLast()),
            (1...7).contains(compute)
        else { return nil }
        let digits = parts[1].prefix { $0.isASCII && $0.isNumber }
        guard let gigabytes = Int(digits), (1...4096).contains(gigabytes),
            parts[1].dropFirst(digits.count).hasPrefix("gb")
        else { return nil }
        self.compute = compute
        self.gigabytes = gigabytes
    }
}
