// SPDX-License-Identifier: Apache-2.0

/// SplitMix64: the same seed gives the same run, so a failure can be had again.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// One seed that never changes and some that always do; what they find is printed with its seed.
    static var seeds: [UInt64] { [20_260_101] + (0..<4).map { _ in UInt64.random(in: 0 ... .max) } }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }

    mutating func number(below end: Int) -> Int { Int.random(in: 0..<end, using: &self) }
}
