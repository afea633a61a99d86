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
}
