// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONTree
import Testing

/// Documents that nobody thought of.
struct RandomDocumentTests {
    @Test(arguments: SeededRandom.seeds)
    func `any document reads as the plain model reads it, and is written back as it came`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<300 {
            let plain = PlainJSON.random(size: round / 4 + 1, using: &random)
            let text = plain.text(using: &random)
            let json = try JSON(parsing: text)
            #expect(PlainJSON(json) == plain, "seed \(seed)")
            #expect(json.text == text, "seed \(seed)")
            #expect(PlainParser.parse(plain.built.bytes) == plain, "seed \(seed)")
            #expect(PlainParser.parse(Array(json.pretty.utf8)) == plain, "seed \(seed)")
        }
    }

    @Test(arguments: SeededRandom.seeds)
    func `a document with bytes changed is accepted exactly when the plain parser accepts it`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var accepted = 0
        for round in 0..<3000 {
            let document = PlainJSON.random(size: round % 20 + 1, using: &random)
            var bytes = Array(document.text(using: &random).utf8)
            for _ in 0..<Int.random(in: 1...2, using: &random) { mutate(&bytes, using: &random) }
            if agrees(bytes, seed: seed) { accepted += 1 }
        }
        #expect(accepted > 300, "too few documents survived to say anything; seed \(seed)")
    }

    @Test(arguments: SeededRandom.seeds)
    func `a pod with bytes changed never crashes the reader, and what it accepts is JSON`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for name in Pods.names where name != "pod-large" {
            let pod = try Pods.bytes(name)
            for _ in 0..<25 {
                var bytes = pod
                for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, using: &random) }
                _ = agrees(bytes, seed: seed)
            }
        }
    }

    @Test func `every beginning of a pod is refused at its end or before`() throws {
        let pod = try Pods.bytes("pod-plain")
        let end = pod.lastIndex { $0 > 0x20 }!
        for count in 0...end {
            let error = #expect(throws: JSONError.self) { try JSON(parsing: Array(pod[..<count])) }
            guard case .malformed(let offset, let reason) = error else {
                Issue.record("a beginning of \(count) bytes: \(String(describing: error))")
                continue
            }
            #expect(offset == count || reason == "not valid UTF-8")
        }
    }

    /// Whether both accept; fails the test when they disagree, or when what was accepted does not hold together.
    private func agrees(_ bytes: [UInt8], seed: UInt64) -> Bool {
        let json = try? JSON(parsing: bytes)
        let plain = PlainParser.parse(bytes)
        let shown = String(decoding: bytes.prefix(300), as: UTF8.self)
        #expect(json.map { PlainJSON($0) } == plain, "seed \(seed): \(shown)")
        guard let json else { return false }
        #expect(json.bytes == trimmed(bytes), "seed \(seed): \(shown)")
        #expect(isJSONToFoundation(bytes) || hasHugeNumber(json), "seed \(seed): \(shown)")
        return true
    }

    private func isJSONToFoundation(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
    }

    /// Foundation refuses what overflows a Double.
    private func hasHugeNumber(_ json: JSON) -> Bool {
        switch json.kind {
        case .number: !(Double(json.numberSpelling!)?.isFinite ?? false)
        case .array: json.array!.contains(where: hasHugeNumber)
        case .object: json.object!.contains { hasHugeNumber($0.value) }
        default: false
        }
    }

    private func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.prefix((bytes.lastIndex { $0 > 0x20 } ?? -1) + 1).drop { $0 <= 0x20 })
    }

    private func mutate(_ bytes: inout [UInt8], using random: inout SeededRandom) {
        let place = Int.random(in: 0..<max(bytes.count, 1), using: &random)
        let telling =
            Array(#"{}[]:,"\/-+.eEu019dDfF tn"#.utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xC2, 0xE0, 0xED, 0xF4, 0xFF]
        switch Int.random(in: 0..<5, using: &random) {
        case 0 where !bytes.isEmpty: bytes[place] = random.pick(telling)
        case 1 where !bytes.isEmpty: bytes.remove(at: place)
        case 2 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 3 where !bytes.isEmpty:
            let end = min(bytes.count, place + Int.random(in: 1...8, using: &random))
            bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
        default: bytes.insert(random.pick(telling), at: min(place, bytes.count))
        }
    }
}
