// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Configuration

/// The parts of an import by themselves; the whole is held against KubeSpawner in Tests/Cases/test_import.py.
struct ImportTests {
    @Test func `keys of a chart's values come in the order that Helm gives them`() {
        // By go-yaml's sorter.go, version 2.
        let sorted = [
            "", ".1", ".2", ".a", "1", "2", "a!10", "a/0001", "a/002", "a/3", "a/10", "a/11", "a/0012", "a/100", "a~10",
            "ab/1", "b/1", "b/01", "b/2", "b/02", "b/3", "b/03", "b1", "b01", "b3", "c2.10", "c10.2", "d1", "d7",
            "d7abc", "d12", "d12a", "e2", "e21", "e2b",
        ]
        for seed in 0..<20 {
            var random = SystemRandomNumberGenerator()
            let found = sorted.shuffled(using: &random).sorted(by: HelmOrder.isBefore)
            #expect(found == sorted, "turn \(seed)")
        }
        for key in sorted { #expect(!HelmOrder.isBefore(key, key)) }
    }

    @Test func `a number beyond all integers still sorts as a number`() {
        let large = String(repeating: "9", count: 60)
        #expect(HelmOrder.isBefore("a10", "a" + large) && !HelmOrder.isBefore("a" + large, "a10"))
        #expect(HelmOrder.isBefore("a1000", "a1001") && HelmOrder.isBefore("a1002", "a1010"))
    }

    @Test(arguments: [
        ("0", "0"), ("0644", "0644"), ("0x1F", "0x1F"), ("0b101", "0b101"), ("1_000", "1_000"), ("-5", "-5"),
        ("+5", "+5"),
        ("1:30", "90"), ("-1:00:05", "-3605"), ("1.5", "1.5"), (".5", "0.5"), ("5.", "5.0"), ("08.50", "8.50"),
        ("1_0.5", "10.5"), ("1.5e+3", "1.5e+3"), ("1.5E-3", "1.5e-3"), ("-.5", "-0.5"),
    ])
    func `what PyYAML takes for a number is one`(text: String, spelled: String) {
        #expect(PyYAML.number(text) == spelled)
    }

    @Test(arguments: [
        "1e3", "1.5e3", "0o17", "08", "1.2.3", "-", "+", ".", "e3", "1,5", "1:75", "2024-01-01", "_1", "٣",
    ])
    func `what PyYAML takes for a text is one`(text: String) {
        #expect(PyYAML.number(text) == nil)
    }

    @Test(arguments: [
        ("a$", "a$"), ("^a.*$", "^a.*$"), ("a.+", "a.+"), ("a\\Z", "a\\Z"), ("a", "(?:a)[\\s\\S]*"),
        ("a\\$", "(?:a\\$)[\\s\\S]*"), ("a\\.*", "(?:a\\.*)[\\s\\S]*"), ("a|b$", "(?:a|b$)[\\s\\S]*"),
    ])
    func `an expression goes on to the end where the hub looked at the beginning only`(text: String, whole: String) {
        #expect(PythonRegex.whole(text) == whole)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a b", "a b"), ("8G", "8G"), ("1.5Gi", "1.5Gi"), ("/lab", "/lab"), ("a:1", "a:1"),
        ("8", "'8'"), ("yes", "'yes'"), ("Null", "'Null'"), ("~", "'~'"), ("", "''"), ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        ("-a", "'-a'"), ("it's", "'it''s'"), ("tab\t", "\"tab\\t\""), ("two\nlines", "\"two\\nlines\""), ("é", "'é'"),
        ("\u{2028}", "\"\\u2028\""), ("\u{1}\u{10FFFF}", "\"\\u0001\u{10FFFF}\""), ("1e3", "'1e3'"), ("0x8G", "'0x8G'"),
    ])
    func `a text is spelled so that no reader takes it for something else`(text: String, spelled: String) {
        #expect(YAMLSpelling.of(text) == spelled)
    }

    @Test func `a small file whose aliases make it huge is refused before it is written`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "list.yaml")
        let entry = "{display_name: A, kubespawner_override: {args: *a}},"
        let list = String(repeating: entry, count: 400)
        let text = "a: &a [\(String(repeating: "x", count: 100_000))]\nprofile_list: [\(list)]"
        try Data(text.utf8).write(to: file)
        do throws(ConfigurationFaults) {
            _ = try ImportedProfileList.read(path: file.path())
            Issue.record("it was imported")
        } catch {
            #expect(error.faults[0].what == "would be larger than 8 MiB once its aliases are written out")
        }
    }

    @Test func `a stamp tells a file from another one in its place, and from itself once it is written to`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (file, other) = (folder.appending(path: "a"), folder.appending(path: "b"))
        let missing = FileStamp(at: file.path())
        try Data("one".utf8).write(to: file)
        let first = FileStamp(at: file.path())
        #expect(first != missing && first == FileStamp(at: file.path()))
        try Data("two".utf8).write(to: other)
        #expect(rename(other.path(), file.path()) == 0)
        let second = FileStamp(at: file.path())
        #expect(second != first)
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("!".utf8))
        try handle.close()
        #expect(FileStamp(at: file.path()) != second)
    }
}
