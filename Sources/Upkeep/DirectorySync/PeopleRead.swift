// SPDX-License-Identifier: Apache-2.0
package import Directory
package import SpawnModel

/// One whole read of the directory, as far as objects are made of it.
package struct PeopleRead: Sendable {
    /// When it began.
    package let at: Instant
    /// No two with one name.
    package let people: [Person]
    /// Names of people in the directory whose entries can't be used, as far as those have one.
    package let unusable: [String]
    /// One sentence for each of them.
    package let rejected: BoundedList<String>

    package init(at: Instant, people: [Person], unusable: [String] = [], rejected: BoundedList<String> = .init()) {
        self.at = at
        self.people = people
        self.unusable = unusable
        self.rejected = rejected
    }
}
