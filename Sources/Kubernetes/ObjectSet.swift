// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// What a watch has told of so far, by namespace and name.
package struct ObjectSet: Sendable {
    package struct Key: Hashable, Sendable {
        /// Empty for kinds that are in none.
        package let namespace: String
        package let name: String

        init(_ object: JSON) {
            namespace = object["metadata"]?["namespace"]?.string ?? ""
            name = object["metadata"]?["name"]?.string ?? ""
        }
    }

    /// All of them once `isComplete`; what is missing before may be there all the same.
    package private(set) var objects: [Key: JSON] = [:]
    /// A list has come whole. It stays so when another one begins: until that is whole too, the old set counts.
    package private(set) var isComplete = false
    /// The list that is under way.
    private var listed: [Key: JSON]?

    package init() {}

    package mutating func apply(_ change: WatchChange) {
        switch change {
        case .page(let page): take(page)
        case .set(let object): objects[Key(object)] = object.packed
        case .gone(let object): objects[Key(object)] = nil
        case .current: break
        }
    }

    private mutating func take(_ page: ObjectPage) {
        var list = page.isFirst ? [:] : listed ?? [:]
        // A text of its own, so that one object does not keep its page.
        for item in page.items { list[Key(item)] = (try? JSON(parsing: item.bytes)) ?? item }
        listed = page.isLast ? nil : list
        if page.isLast { (objects, isComplete) = (list, true) }
    }
}
