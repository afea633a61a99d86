// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Device {
    /// What the whole device counts for, in thousandths of a card: of a MIG instance the larger of its parts of the
    /// card's memory and of its processors, rounded up.
    var milliCards: Int {
        guard let profile, let slices = Int(profile.name.prefix { $0 != "g" }) else { return 1000 }
        // NVIDIA's placements: 3g and 7g take more of the eight memory slices than of the seven compute slices.
        let memorySlices = [1: 1, 2: 2, 3: 4, 4: 4, 7: 8][slices] ?? slices
        return max((1000 * memorySlices + 7) / 8, (1000 * slices + 6) / 7)
    }

    /// Of a share its part of the device's memory, rounded up.
    func milliCards(of size: ShareSize) -> Int {
        (milliCards * size.memory.count + memory.count - 1) / max(1, memory.count)
    }
}
