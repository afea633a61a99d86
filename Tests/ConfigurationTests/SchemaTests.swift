// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONTree
import Testing

@testable import Configuration

/// `BERTH_RENEW=1 swift test --filter SchemaTests` writes the file anew; the difference is then reviewed.
@Suite struct SchemaTests {
    @Test func `the schema file says what the code says, byte for byte`() throws {
        let written = Schema.json.pretty + "\n"
        let file = Repository.root.appending(path: "config/schema/berth.schema.json")
        if ProcessInfo.processInfo.environment["BERTH_RENEW"] != nil {
            try Data(written.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == written)
    }

    @Test func `every reference in the schema leads somewhere, and every definition is used`() throws {
        let definitions = Set(try #require(Schema.json["$defs"]?.object).keys)
        let used = Set(
            Schema.json.text.matches(of: /"#\/\$defs\/([a-z_]+)"/).map { String($0.1) })
        #expect(used == definitions)
    }

    @Test func `every key of the schema has a sentence on it`() throws {
        let definitions = try #require(Schema.json["$defs"]?.object).map(\.value) + [Schema.json]
        for definition in definitions {
            for (name, property) in definition["properties"]?.object ?? [:] {
                let about = property["description"]?.string ?? ""
                #expect(about.hasSuffix(".") && about.count > 5, "\(name)")
            }
        }
    }

    @Test func `names are good or bad alike for the schema and the reader`() throws {
        let rules: [NameRule] = [.free, .id, .qualified, .variable, .attribute, .migProfile]
        let letters = Array("aZ09._-/ +g\näb")
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(state: seed)
        let words = [
            "a", "nvidia.com/gpu", "1g.10gb", "1g.10gb+me", "1g.10gb+me.all", "7g.80gb+gfx", "1g.5gb-me", "_A1", "",
        ]
        let made = (0..<400).map { _ in
            String((0..<Int.random(in: 1...6, using: &random)).map { _ in letters.randomElement(using: &random)! })
        }
        for rule in rules {
            let pattern = try Regex(rule.pattern)
            for word in words + made {
                #expect(
                    rule.allows(word) == (word.wholeMatch(of: pattern) != nil), "\(rule.pattern) \(word) seed \(seed)")
            }
        }
    }
}
