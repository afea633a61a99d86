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
        #expect(pieces.count == 8)
        let outcome = try Sample(pieces.joined()).load(.optional)
        expect(outcome.faults, are: [])
        expect(
            outcome.warnings.map { String($0.prefix { $0 != " " }) },
            are: [
                "berth.yaml:7:22:", "berth.yaml:12:21:", "berth.yaml:34:27:", "berth.yaml:127:9:", "berth.yaml:142:17:",
            ])
    }
}
