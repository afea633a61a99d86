// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// The plainest JSON that can be right, to compare with: everything decoded at once, code point by code point.
indirect enum PlainJSON: Hashable {
    case null
    case bool(Bool)
    case number(String)
    /// Code points, since Swift's strings take some different ones for equal.
    case string([UInt32])
    case array([PlainJSON])
    case object([Member])

    struct Member: Hashable {
        var key: [UInt32]
        var value: PlainJSON
    }
}

extension PlainJSON {
    /// What the tree means, read through its public face.
    init(_ json: JSON) {
        switch json.kind {
        case .null: self = .null
        case .bool: self = .bool(json.bool!)
        case .number: self = .number(json.numberSpelling!)
        case .string: self = .string(json.string!.codePoints)
        case .array: self = .array(json.array!.map { PlainJSON($0) })
        case .object:
            self = .object(json.object!.map { Member(key: $0.key.codePoints, value: PlainJSON($0.value)) })
        }
    }

    /// The same as a tree that was built and never parsed.
    var built: JSON {
        switch self {
        case .null: .null
        case .bool(let truth): JSON(truth)
        case .number(let spelling): JSON(numberSpelling: spelling)!
        case .string(let points): JSON(String(points))
        case .array(let elements): JSON(elements.map(\.built))
        case .object(let members): JSON(JSONObject(uniqueMembers: members.map { (String($0.key), $0.value.built) }))
        }
    }
}

extension String {
    var codePoints: [UInt32] { unicodeScalars.map(\.value) }

    init(_ codePoints: [UInt32]) {
        self.init(String.UnicodeScalarView(codePoints.map { Unicode.Scalar($0)! }))
    }
}

// MARK: - Random documents

extension PlainJSON {
    /// A document of about `size` values, of all kinds, with awkward strings and numbers.
    static func random(size: Int, using random: inout SeededRandom) -> PlainJSON {
        let scalars = random.chance(size > 1 ? 0.1 : 1)
        switch scalars ? Int.random(in: 0..<4, using: &random) : Int.random(in: 4..<6, using: &random) {
        case 0: return .null
        case 1: return .bool(random.chance(0.5))
        case 2: return .number(randomNumber(using: &random))
        case 3: return .string(randomString(using: &random))
        case 4: return .array(randomParts(of: size, using: &random))
        default:
            var seen: Set<[UInt32]> = []
            return .object(
                randomParts(of: size, using: &random).compactMap {
                    let key = randomString(using: &random)
                    return seen.insert(key).inserted ? Member(key: key, value: $0) : nil
                }
            )
        }
    }

    private static func randomParts(of size: Int, using random: inout SeededRandom) -> [PlainJSON] {
        var parts: [PlainJSON] = []
        var left = size - 1
        while left > 0, !random.chance(0.05) {
            let part = Int.random(in: 1...left, using: &random)
            parts.append(.random(size: part, using: &random))
            left -= part
        }
        return parts
    }

    private static func randomNumber(using random: inout SeededRandom) -> String {
        var digits = String(Int.random(in: -1000...1000, using: &random))
        if random.chance(0.1) { digits = "-0" }
        if random.chance(0.1) { digits = "1" + String(repeating: "234567890", count: 4) }
        if random.chance(0.3) { digits += "." + String(Int.random(in: 0...1000, using: &random)) + "0" }
        if random.chance(0.3) { digits += random.pick(["e", "E", "e+", "E-"]) + String(UInt8.random(using: &random)) }
        return digits
    }

    private static let awkward: [UInt32] = [
        0, 1, 8, 9, 10, 12, 13, 0x1F, 0x20, 0x22, 0x2F, 0x5C, 0x7E, 0x7F, 0x80, 0xE9, 0x301, 0x7FF, 0x800, 0x2028,
        0xD7FF, 0xE000, 0xFEFF, 0xFFFD, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF,
    ]

    private static func randomString(using random: inout SeededRandom) -> [UInt32] {
        (0..<Int.random(in: 0...20, using: &random)).map { _ in
            random.chance(0.2) ? random.pick(awkward) : UInt32.random(in: 0x61...0x7A, using: &random)
        }
    }
}

// MARK: - Random spelling

extension PlainJSON {
    /// The document as some peer may have written it: space anywhere, characters escaped or not as chance has it.
    func text(using random: inout SeededRandom) -> String {
        func space() -> String { random.chance(0.1) ? random.pick([" ", "\n", "\r\n", "\t", "    "]) : "" }
        switch self {
        case .null: return "null"
        case .bool(let truth): return truth ? "true" : "false"
        case .number(let spelling): return spelling
        case .string(let points): return Self.quoted(points, using: &random)
        case .array(let elements):
            let parts = elements.map { space() + $0.text(using: &random) + space() }
            return "[" + space() + parts.joined(separator: ",") + "]"
        case .object(let members):
            let parts = members.map { member in
                let key = Self.quoted(member.key, using: &random)
                return space() + key + space() + ":" + space() + member.value.text(using: &random) + space()
            }
            return "{" + space() + parts.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ points: [UInt32], using random: inout SeededRandom) -> String {
        var text = "\""
        for point in points {
            let mustEscape = point < 0x20 || point == 0x22 || point == 0x5C
            text += mustEscape || random.chance(0.05) ? escaped(point, using: &random) : String([point])
        }
        return text + "\""
    }

    private static func escaped(_ point: UInt32, using random: inout SeededRandom) -> String {
        let short: [UInt32: String] = [
            8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 0x22: "\\\"", 0x2F: "\\/", 0x5C: "\\\\",
        ]
        if let short = short[point], random.chance(0.5) { return short }
        return UTF16.encode(Unicode.Scalar(point)!)!.map { unit in
            let digits = String(unit, radix: 16, uppercase: random.chance(0.5))
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}
