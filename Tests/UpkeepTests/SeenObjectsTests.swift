// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

@testable import Kubernetes
@testable import Upkeep

/// What is kept of a watch, change by change.
struct SeenObjectsTests {
    private let start = ContinuousClock.now

    /// Keeps the sizes of those that have one.
    private var seen: SeenObjects<Int> { SeenObjects(most: 3) { $0["size"]?.int } }

    private func object(_ name: String, _ size: Int?) -> JSON {
        var object: JSON = ["metadata": ["namespace": "n", "name": JSON(name)]]
        if let size { object["size"] = JSON(size) }
        return object
    }

    private func objects(_ count: Int) -> [JSON] { (1...count).map { (size: Int) in object("\(size)", size) } }

    private func page(_ objects: [JSON], first: Bool = true, last: Bool = true) -> WatchChange {
        .page(ObjectPage(items: objects, resourceVersion: "1", isFirst: first, isLast: last))
    }

    @Test func `nothing is known before the last page, and it is as old as the first`() {
        var seen = seen
        seen.apply(page([object("a", 1)], last: false), at: start)
        #expect(!seen.isListed && seen.assuredAt == nil && seen.count == 0)
        seen.apply(page([object("b", 2), object("c", nil)], first: false), at: start + .seconds(9))
        #expect(seen.isComplete && seen.values.sorted() == [1, 2] && seen.assuredAt == start)
    }

    @Test func `a list that begins anew forgets its first pages, and what was known counts until it is whole`() {
        var seen = seen
        seen.apply(page([object("old", 9)]), at: start)
        seen.apply(page([object("a", 1)], last: false), at: start)
        #expect(Array(seen.values) == [9])
        seen.apply(page([object("b", 2)], last: false), at: start)
        seen.apply(page([object("c", 3)], first: false), at: start)
        #expect(seen.values.sorted() == [2, 3])
    }

    @Test func `a revision is another for each change that counts, and for no other`() {
        var seen = seen
        seen.apply(page([object("a", 1)]), at: start)
        let first = seen.revision
        seen.apply(.set(object("a", 1)), at: start)
        seen.apply(.set(object("x", nil)), at: start)
        seen.apply(.gone(object("y", 4)), at: start)
        seen.apply(page([object("a", 1)]), at: start)
        #expect(seen.revision == first)
        seen.apply(.set(object("a", nil)), at: start)
        #expect(seen.revision == first + 1 && seen.count == 0)
        seen.apply(.set(object("a", 2)), at: start)
        seen.apply(.gone(object("a", 2)), at: start)
        #expect(seen.revision == first + 3 && seen.count == 0)
    }

    @Test func `an event assures nothing, since others may be behind it; the server's word that nothing is new does`() {
        var seen = seen
        seen.apply(page([]), at: start)
        seen.apply(.set(object("a", 1)), at: start + .seconds(60))
        #expect(seen.assuredAt == start)
        seen.apply(.current, at: start + .seconds(61))
        #expect(seen.assuredAt == start + .seconds(61))
    }

    @Test func `more than are kept is not known as a whole, until a list fits again`() {
        var seen = seen
        seen.apply(page(objects(3)), at: start)
        #expect(seen.isComplete)
        seen.apply(.set(object("1", 7)), at: start)
        #expect(seen.isComplete && seen.count == 3)
        seen.apply(.set(object("4", 4)), at: start)
        #expect(!seen.isComplete && seen.isListed && seen.count == 3)
        seen.apply(page(objects(4)), at: start)
        #expect(!seen.isComplete && seen.count == 3)
        seen.apply(page([object("1", 1)]), at: start)
        #expect(seen.isComplete)
    }
}
