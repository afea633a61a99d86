// SPDX-License-Identifier: Apache-2.0
package import Directory
package import SpawnModel

/// One whole read of the directory, as far as objects are made of it.
package struct PeopleRead: Sendable {
    /// When it began.
    package let at: Instant
    /// How many people can be served.
    package let count: Int
    /// Names of people in the directory whose entries can't be used, as far as those have one.
    package let unusable: Set<String>
    /// Whether there are more of them than are named.
    package let hasMoreUnusable: Bool
    /// One sentence for each of them.
    package let rejected: BoundedList<String>
    /// Whose number is whose.
    let identities: Identities
    private let person: @Sendable (Int) -> Person

    /// - Parameter person: makes the person at a place below `count`; no two with one name.
    package init(
        at instant: Instant, count: Int, unusable: Set<String> = [], hasMoreUnusable: Bool = false,
        rejected: BoundedList<String> = .init(), identities: Identities = .init(),
        person: @escaping @Sendable (Int) -> Person
    ) {
        at = instant
        self.count = count
        self.unusable = unusable
        self.hasMoreUnusable = hasMoreUnusable
        self.rejected = rejected
        self.identities = identities
        self.person = person
    }

    package subscript(place: Int) -> Person { person(place) }

    package var people: some Sequence<Person> { (0..<count).lazy.map(person) }
    package var isEmpty: Bool { count == 0 && unusable.isEmpty }
}
