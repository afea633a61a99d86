// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import Testing

@Suite struct ExampleTests {
    @Test func `the example has no fault, and no warning but its missing tokens`() throws {
        do throws(ConfigurationFaults) {
            let loaded = try Site.load(path: Repository.example.path(), secrets: .optional)
            let others = loaded.warnings.filter { !$0.path.hasSuffix("hook_token_file") }
            #expect(others == [])
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func `the pieces of the README are one configuration that loads`() throws {
        let readme = try String(contentsOf: Repository.root.appending(path: "config/README.md"), encoding: .utf8)
        let pieces = readme.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(pieces.count == 4)
        let lines = readme.split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(lines <= 150, "the page is \(lines) lines: what is not an example belongs into reference.md")
        let outcome = try Sample(pieces.joined()).load(.optional)
        expect(outcome.faults, are: [])
        // Each secret that the page names is missing here, and nothing else is wrong.
        expect(outcome.warnings.filter { !$0.contains("secrets/") }, are: [])
        #expect(outcome.warnings.count == 3)
    }

    @Test func `the page about sidecars shows a configuration that loads`() throws {
        let page = try String(contentsOf: Repository.root.appending(path: "config/sidecars.md"), encoding: .utf8)
        let piece = try #require(page.components(separatedBy: "```yaml\n").last?.components(separatedBy: "```").first)
        let outcome = try Sample(piece).load(.optional)
        expect(outcome.faults, are: [])
        expect(outcome.warnings.filter { !$0.contains("secrets/") }, are: [])
    }
}
