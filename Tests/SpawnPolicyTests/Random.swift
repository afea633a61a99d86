// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy

#if canImport(Glibc)
    import Glibc
#endif

/// A generator that can be started again from the seed that a failing test prints: set the variable to it.
struct Seeded: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(_ variable: String) {
        let given = getenv(variable).flatMap { UInt64(String(cString: $0)) }
        seed = given ?? UInt64.random(in: .min ... .max)
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

private let names = ["a", "b", "c"]

extension Rule {
    static func random(depth: Int, using random: inout Seeded) -> Rule {
        let line = Int.random(in: 1...99, using: &random)
        let test: Test
        switch Int.random(in: 0..<(depth > 0 ? 11 : 8), using: &random) {
        case 0: test = .everyone
        case 1: test = .role(names.randomElement(using: &random)!)
        case 2: test = .group(names.randomElement(using: &random)!)
        case 3: test = .admin(Bool.random(using: &random))
        case 4: test = .user(names.randomElement(using: &random)!)
        case 5: test = .claim(path: ["c"], equals: JSON(names.randomElement(using: &random)!))
        case 6: test = .claimNumber(path: ["n"], .init(.atLeast, 3))
        case 7: test = .claimElement(path: ["l"], Rule(.claim(path: ["c"], equals: "a"), line: line))
        case 8: test = .any(randomList(depth: depth - 1, using: &random))
        case 9: test = .all(randomList(depth: depth - 1, using: &random))
        default: test = .not(.random(depth: depth - 1, using: &random))
        }
        return Rule(test, line: line)
    }

    private static func randomList(depth: Int, using random: inout Seeded) -> [Rule] {
        let count = Int.random(in: 0...3, using: &random)
        return (0..<count).map { _ in Rule.random(depth: depth, using: &random) }
    }
}

extension Subject {
    static func random(using random: inout Seeded) -> Subject {
        .of(
            names.randomElement(using: &random)!, isAdmin: Bool.random(using: &random),
            roles: randomNames(using: &random), groups: randomNames(using: &random),
            claims: Bool.random(using: &random) ? randomClaims(using: &random) : .emptyObject)
    }

    private static func randomClaims(using random: inout Seeded) -> JSON {
        let name = JSON(names.randomElement(using: &random)!)
        return ["c": name, "n": JSON(Int.random(in: 0...5, using: &random)), "l": [["c": name], .emptyObject]]
    }

    private static func randomNames(using random: inout Seeded) -> [String]? {
        if Int.random(in: 0..<4, using: &random) == 0 { return nil }
        return names.filter { _ in Bool.random(using: &random) }
    }
}
