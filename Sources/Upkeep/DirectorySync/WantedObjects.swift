// SPDX-License-Identifier: Apache-2.0

/// The overlay objects that a namespace should hold, one for each person in the directory.
///
/// A name tells the content, since a digest of it is part of the name: whatever stands under a wanted name and was not
/// tampered with needs no write.
package struct WantedObjects: Sendable {
    package struct Object: Sendable, Hashable {
        /// As the object's label has it; each once.
        package let user: String
        package let name: String

        package init(user: String, name: String) {
            self.user = user
            self.name = name
        }
    }

    /// In the order of the directory's people.
    package let objects: [Object]
    /// People who are in the directory but whose entries can't be used as they are. Nothing is made for them, and
    /// nothing of theirs is deleted: an entry that somebody broke is not a person who left.
    package let unusable: Set<String>
    /// Whether there are more of them than are named: then nobody is known to have left.
    package let hasMoreUnusable: Bool
    private let places: [String: Int]

    package init(_ objects: [Object], unusable: Set<String> = [], hasMoreUnusable: Bool = false) {
        self.objects = objects
        self.unusable = unusable
        self.hasMoreUnusable = hasMoreUnusable
        places = Dictionary(objects.enumerated().map { ($1.user, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether the directory has nobody at all.
    var isEmpty: Bool { objects.isEmpty && unusable.isEmpty }

    func place(of user: String) -> Int? { places[user] }
    func isUnusable(_ user: String) -> Bool {
        unusable.contains(user) || (hasMoreUnusable && places[user] == nil)
    }
    func knows(_ user: String) -> Bool { places[user] != nil || isUnusable(user) }
}
