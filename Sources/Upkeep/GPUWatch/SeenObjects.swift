// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes

/// What a watch of one kind has told so far, in the few words that count.
struct SeenObjects<Value: Sendable & Hashable>: Sendable {
    /// Nil for an object that does not count.
    let read: @Sendable (JSON) -> Value?
    /// More than that are not kept; what there is then is not known as a whole.
    let most: Int

    private var kept: [String: Value] = [:]
    /// The list that is under way. What was there before counts until it is whole.
    private var list: List?
    /// A list has come to its end.
    private(set) var isListed = false
    private var isWhole = true
    /// Grows with each change.
    private(set) var revision = 0
    /// When all that had happened by then had been told.
    private(set) var assuredAt: ContinuousClock.Instant?

    init(most: Int, read: @escaping @Sendable (JSON) -> Value?) {
        self.most = most
        self.read = read
    }

    /// What is missing in `values` is not there.
    var isComplete: Bool { isListed && isWhole }
    var values: some Collection<Value> { kept.values }
    var count: Int { kept.count }

    /// An event alone assures nothing: after a gap the first one may be minutes old, and others come behind it.
    mutating func apply(_ change: WatchChange, at now: ContinuousClock.Instant) {
        switch change {
        case .page(let page): take(page, at: now)
        case .set(let object): put(read(object), Self.key(object))
        case .gone(let object): put(nil, Self.key(object))
        case .current: assuredAt = now
        }
    }

    private struct List {
        var kept: [String: Value] = [:]
        var isWhole = true
        let since: ContinuousClock.Instant
    }

    private mutating func take(_ page: ObjectPage, at now: ContinuousClock.Instant) {
        var list = page.isFirst ? List(since: now) : self.list ?? List(since: now)
        for item in page.items {
            guard let value = read(item) else { continue }
            if list.kept.count < most { list.kept[Self.key(item)] = value } else { list.isWhole = false }
        }
        self.list = page.isLast ? nil : list
        guard page.isLast else { return }
        if list.kept != kept || !isListed { revision += 1 }
        (kept, isWhole, assuredAt, isListed) = (list.kept, list.isWhole, list.since, true)
    }

    private mutating func put(_ value: Value?, _ key: String) {
        guard kept[key] != value else { return }
        if value != nil, kept[key] == nil, kept.count >= most {
            isWhole = false
            return
        }
        kept[key] = value
        revision += 1
    }

    /// No name has a slash in it.
    private static func key(_ object: JSON) -> String {
        let metadata = object["metadata"]
        return (metadata?["namespace"]?.string ?? "") + "/" + (metadata?["name"]?.string ?? "")
    }
}
