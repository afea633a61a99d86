// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import MeasuredUse

@Suite struct TextExpositionTests {
    private func read(_ page: String, wanted: Set<String> = ["m"]) -> TextExposition {
        TextExposition(Array(page.utf8), wanted: wanted, now: noon)
    }

    @Test func `values are read with their labels, and take the time of the reading`() {
        let page = read("# HELP m words\n# TYPE m gauge\nm{a=\"1\",b=\"x y\"} 2.5\nother{a=\"1\"} 7\nm 3\n")
        #expect(
            page.samples == [
                Sample(metric: "m", labels: ["a": "1", "b": "x y"], value: 2.5, at: noon),
                Sample(metric: "m", labels: [:], value: 3, at: noon),
            ])
        #expect(page.unreadableLines == 0)
    }

    @Test func `a label may hold quotes, braces, commas, line breaks and backslashes`() {
        let page = read(#"m{cmd="a\"b\\c\nd,e}f=g{"} 1"#)
        #expect(page.samples.map(\.labels) == [["cmd": "a\"b\\c\nd,e}f=g{"]])
    }

    @Test(arguments: [
        "m{} 1", "m{a=\"1\",} 1", "m { a = \"1\" } 1", "  m{a=\"1\"}\t1", "m{a=\"1\"} 1 1764331200000\r", "m 1e0",
        "m +1",
    ])
    func `whatever the format allows is read`(line: String) {
        #expect(read(line).samples.map(\.value) == [1])
        #expect(read(line).samples.map(\.at) == [noon])
    }

    @Test(arguments: [
        "m", "m{", "m{a} 1", "m{a=} 1", "m{a=\"1} 1", "m{a=\"1\" b=\"2\"} 1", "m{a=\"1\",a=\"2\"} 1", "m{a=\"1\"}",
        "m one", "m 1 2 3", "m 1 1.5", "m 1 -5", "m{a=\"\\", "m{,} 1",
    ])
    func `a line that is not in the format costs that line and no other`(line: String) {
        let page = read("\(line)\nm 4\n")
        #expect(page.samples.map(\.value) == [4])
        #expect(page.unreadableLines == 1)
    }

    @Test func `a time in the future is taken for now, whatever the exporter's clock says`() {
        #expect(read("m 1 9223372036854775807").samples.map(\.at) == [noon])
        #expect(read("m 1 1764331140000").samples.map(\.at) == [noon + .seconds(-60)])
        #expect(read("m 1 92233720368547758079").samples == [])
    }

    @Test(arguments: [("NaN", false), ("+Inf", false), ("-Inf", false), ("1e999", false), ("1", true)])
    func `numbers that are none are read as they are`(word: String, isFinite: Bool) {
        #expect(read("m \(word)").samples.map(\.value.isFinite) == [isFinite])
    }

    @Test func `a page may be cut off at any byte`() throws {
        let page = Array(try Pages.named("metagpu").utf8)
        let wanted: Set = ["metagpu_process_memory_usage"]
        for length in 0...page.count {
            let part = TextExposition(Array(page.prefix(length)), wanted: wanted, now: noon)
            #expect(part.samples.count <= 4 && part.unreadableLines <= 1, "\(length) bytes")
        }
        #expect(TextExposition(page, wanted: wanted, now: noon).samples.count == 4)
    }

    @Test func `no line is without end, and no page is kept without end`() {
        let long = "m{a=\"\(String(repeating: "x", count: TextExposition.lineBytesMost))\"} 1\nm 2\n"
        #expect(read(long).samples.map(\.value) == [2])
        #expect(read(String(repeating: "m 1\n", count: Sample.countMost + 10)).samples.count == Sample.countMost)
    }
}
