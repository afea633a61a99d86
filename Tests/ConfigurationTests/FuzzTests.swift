// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import Testing

@Suite struct FuzzTests {
    /// Bytes of the example replaced, removed, doubled, moved and cut: every outcome is a site or a list of faults.
    @Test func `no damage to the example makes the reader crash or find nothing to say`() throws {
        let example = Array(try Data(contentsOf: Repository.example))
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(state: seed)
        for round in 0..<Fuzz.rounds {
            let bytes = Fuzz.damaged(example, &random)
            let outcome = try Sample(bytes: Data(bytes)).load(.optional)
            #expect(outcome.site != nil || !outcome.faults.isEmpty, "seed \(seed), round \(round)")
            for fault in outcome.faults {
                #expect(!fault.contains("\n") && fault.utf8.count < 4000, "seed \(seed), round \(round)")
            }
        }
    }

    @Test func `every beginning of the example is a site or a list of faults`() throws {
        let example = Array(try Data(contentsOf: Repository.example))
        for end in stride(from: 0, to: example.count, by: 97) {
            let outcome = try Sample(bytes: Data(example[..<end])).load(.optional)
            #expect(outcome.site != nil || !outcome.faults.isEmpty, "\(end) bytes")
        }
    }

    @Test func `lines of the example in any order are a site or a list of faults`() throws {
        let example = try String(contentsOf: Repository.example, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(state: seed)
        for round in 0..<Fuzz.rounds / 4 {
            var lines = example
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                lines.swapAt(lines.indices.randomElement(using: &random)!, lines.indices.randomElement(using: &random)!)
            }
            let outcome = try Sample(bytes: Data(lines.joined(separator: "\n").utf8)).load(.optional)
            #expect(outcome.site != nil || !outcome.faults.isEmpty, "seed \(seed), round \(round)")
        }
    }
}

private enum Fuzz {
    /// `BERTH_FUZZ=20000` runs longer.
    static let rounds = ProcessInfo.processInfo.environment["BERTH_FUZZ"].flatMap(Int.init) ?? 200

    static func damaged(_ example: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = example
        for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&bytes, &random) }
        return bytes
    }

    private static let signs = Array("{}[]:,&*!|>'\"%@`#?- \n\t<~0aé\u{0}\u{7F}".utf8) + [0xFF, 0xC0, 0xE0]

    private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        guard let place = bytes.indices.randomElement(using: &random) else { return }
        let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
        switch Int.random(in: 0...5, using: &random) {
        case 0: bytes[place] = signs.randomElement(using: &random)!
        case 1: bytes.insert(signs.randomElement(using: &random)!, at: place)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: bytes.indices.randomElement(using: &random)!)
        case 4: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        default: bytes.removeSubrange(place...)
        }
    }
}

/// A small generator with a seed that can be told (Steele, Lea and Flood's SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
