// SPDX-License-Identifier: Apache-2.0

/// All people whom a directory knows, as it was read at one time: a whole answer, never a part of one.
///
/// Each is what a look-up would say of them. They are kept in few bytes and made anew each time they are gone through.
package struct DirectorySnapshot: Sendable {
    /// People who can be served.
    package let peopleCount: Int
    /// Groups and memberships as they were read, direct ones only: a directory that suddenly shows fewer is seen by them.
    package let groupCount: Int
    package let membershipCount: Int
    package let rejections: Rejections
    /// To be held against those of the read before.
    package let identities: Identities

    private let people: PersonRecords
    private let walk: GroupWalk
    /// Places among the records.
    private let served: [Int32]

    init(
        terms: DirectoryTerms, people: PersonRecords, walk: GroupWalk, membershipCount: Int, rejections: Rejections
    ) {
        self.people = people
        self.walk = walk
        self.membershipCount = membershipCount
        groupCount = walk.groups.entries.count
        var rejections = rejections
        var identities = Identities()
        var served: [Int32] = []
        for place in 0..<people.count {
            if let fault = Self.fault(place, people, walk) {
                rejections.add(fault, name: people.name(place))
                continue
            }
            served.append(Int32(place))
            if let id = people.id(place), let uid = people.numbers(place)?.uid {
                identities.add(id, uid: uid, name: people.name(place))
            }
        }
        peopleCount = served.count
        self.served = served
        self.rejections = rejections
        self.identities = identities
    }

    /// In the order in which a look-up would find them.
    private static func fault(_ place: Int, _ people: PersonRecords, _ walk: GroupWalk) -> DirectoryError? {
        if let fault = people.fault(place) { return fault }
        do throws(DirectoryError) {
            _ = try sum(place, people, walk)
        } catch {
            return error
        }
        return people.lateFault(place)
    }

    private static func sum(
        _ place: Int, _ people: PersonRecords, _ walk: GroupWalk
    ) throws(DirectoryError) -> GroupSum? {
        try walk.sum(of: people.entries[place], named: people.name(place), primary: people.numbers(place)?.gid)
    }

    /// Everybody who can be served, in no order; each is made when it is reached.
    package var persons: some Sequence<Person> { served.indices.lazy.map(person) }

    /// - Parameter place: below `peopleCount`, in the order of `persons`.
    package func person(at place: Int) -> Person {
        let place = Int(served[place])
        // Whoever is served was walked once.
        return people.person(place, (try? Self.sum(place, people, walk)) ?? nil)
    }
}
