// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import JSONTree
import Testing

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
}
