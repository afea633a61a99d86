// SPDX-License-Identifier: Apache-2.0
import Logging
import Synchronization
import Testing

@testable import Directory
@testable import Upkeep

@Suite struct IdentityWatchTests {
    /// Keeps what is logged.
    private final class Lines: LogHandler, Sendable {
        let told = Mutex<[String]>([])
        var logLevel: Logger.Level {
            get { .trace }
            set {}
        }
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        subscript(metadataKey _: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }

        func log(event: LogEvent) {
            told.withLock { $0.append("\(event.message) \(event.metadata.map { "\($0)" } ?? "")") }
        }
    }

    private func identities(_ people: [(entry: UInt64, uid: Int, name: String)]) -> Identities {
        var identities = Identities()
        for person in people { identities.add(EntryID(high: 1, low: person.entry), uid: person.uid, name: person.name) }
        return identities
    }

    @Test func `a uid that another entry has now is told once, and the first read tells nothing`() throws {
        let lines = Lines()
        let watch = IdentityWatch(Logger(label: "test") { _ in lines })
        watch.take(identities([(1, 2001, "ada"), (2, 2002, "bo")]))
        #expect(lines.told.withLock(\.self).isEmpty)
        watch.take(identities([(3, 2001, "cy"), (2, 2003, "bo")]))
        let told = try #require(lines.told.withLock { $0.first })
        #expect(told.contains("uid 2001 belonged to ada and belongs to cy"))
        #expect(told.contains("bo had uid 2002 and has 2003"))
        watch.take(identities([(3, 2001, "cy"), (2, 2003, "bo")]))
        #expect(lines.told.withLock { $0.count } == 1)
    }
}
