// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

@testable import AdminAPI

@Suite struct ListTests {
    private func list(_ items: [JSON], _ columns: [String] = ["name", "count"]) -> AdminList {
        AdminList(columns: columns, items: items)
    }

    @Test func `a table is aligned, numbers to the right, and nothing is a dash`() {
        let text = TextTable(list([["name": "a", "count": 5], ["name": "longer", "count": 1200], ["name": ""]])).text
        #expect(text == "NAME    COUNT\na           5\nlonger   1200\n-           -\n")
    }

    @Test func `a name cannot break a table's line or paint the terminal`() {
        let text = TextTable(list([["name": "a\nb\u{1B}[31m\u{9B}", "count": 1]])).text
        #expect(text == "NAME       COUNT\na?b?[31m?      1\n" || text.split(separator: "\n").count == 2)
        #expect(!text.unicodeScalars.contains("\u{1B}"))
    }

    @Test(arguments: ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
    func `a text that a spreadsheet takes for a formula is a text in CSV`(text: String) {
        let lines = CSV(list([["name": JSON(text), "count": 1]])).text
        #expect(lines.hasPrefix("name,count\r\n'") || lines.hasPrefix("name,count\r\n\"'"))
    }

    @Test func `a number below zero stays a number in CSV`() {
        #expect(CSV(list([["name": "a", "count": -5]])).text == "name,count\r\na,-5\r\n")
    }

    @Test func `quotes, commas and line breaks are quoted as RFC 4180 says`() {
        #expect(CSV(list([["name": "a\"b,c\nd", "count": 1]])).text == "name,count\r\n\"a\"\"b,c\nd\",1\r\n")
    }
}
