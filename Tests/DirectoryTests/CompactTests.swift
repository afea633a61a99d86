// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Directory

/// The compact forms of a snapshot, held against the plainest model of each.
@Suite struct CompactTests {
    private func text(_ most: Int, _ random: inout Seeded) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...most, using: &random) {
            text.append("ab,=é\u{0}".randomElement(using: &random)!)
        }
        return text
    }

    @Test func `each text has one number, and is found by it`() {
        var random = Seeded()
        var table = InternTable()
        var model: [String: Int32] = [:]
        for _ in 0..<20_000 {
            let text = text(5, &random)
            let number = table.intern(text.utf8)
            #expect(model[text] ?? Int32(model.count) == number, "seed \(random.seed)")
            model[text] = number
        }
        #expect(table.count == model.count && model.count > 1000)
        for (text, number) in model {
            #expect(table[number].elementsEqual(text.utf8) && table.find(Array(text.utf8)) == number)
        }
        #expect(table.find("not there".utf8) == nil)
    }

    @Test func `rows are read as they were written`() {
        var rows = TextRows()
        var random = Seeded()
        let model = (0..<500).map { _ in
            (0..<Int.random(in: 0...6, using: &random)).map { _ in text(300, &random) }
        }
        for row in model { rows.append(row) }
        #expect(rows.count == model.count)
        for (place, row) in model.enumerated() { #expect(rows[place] == row, "seed \(random.seed)") }
    }

    @Test func `links lead where was said, in that order, and from elsewhere nowhere`() {
        var random = Seeded()
        var pairs = Links.Pairs()
        var model: [Int32: [Int32]] = [:]
        for _ in 0..<5000 {
            let from = Int32.random(in: 0..<300, using: &random)
            let to = Int32.random(in: 0..<300, using: &random)
            pairs.add(from, to)
            model[from, default: []].append(to)
        }
        let links = Links(pairs)
        #expect(links.count == 5000)
        for from in Int32(-1)...400 { #expect(Array(links[from]) == model[from] ?? [], "seed \(random.seed)") }
        #expect(Array(Links(Links.Pairs())[0]).isEmpty)
    }

    @Test func `the short way to a DN's key leads to the same key`() {
        let parts = [
            "uid", "UID", "cn", "=", "=", ",", ", ", " ,", " ", "  ", "a", "B", "é", "\\2C", "+", "#", "\"", ".", "@",
        ]
        for _ in 0..<20_000 {
            let dn = (0..<Int.random(in: 1...9)).map { _ in parts.randomElement()! }.joined()
            #expect(LDAPText.key(ofDN: Array(dn.utf8)) == Array(LDAPText.key(ofDN: dn).utf8), "\(dn)")
        }
        let spelled = ["uid=A b,ou=People,dc=x", "UID=a B, OU=people , dc=X", "uid=a\\20b,ou=people,dc=x"]
        #expect(Set(spelled.map { LDAPText.key(ofDN: Array($0.utf8)) }).count == 1)
    }
}
