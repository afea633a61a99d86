// SPDX-License-Identifier: Apache-2.0

/// How a namespace differs from what the directory says.
package struct Drift: Sendable, Hashable {
    /// Places in the wanted objects of what nobody has made yet.
    package let missing: [Int]
    /// Places in the wanted objects of what stands there but not as Berth makes it.
    package let tampered: [Int]
    /// Objects that nobody in the directory has any more.
    package let leftovers: [ListedObject]
    /// How many people have objects.
    package let people: Int
    /// How many of those the directory does not know.
    package let lost: Int
}

/// Finds the drift. It is shown every object once, page by page, and keeps only those that are not as wanted, so that
/// its size does not grow with a cluster that is in order.
package struct DriftFinder: Sendable {
    private let wanted: WantedObjects
    private var isThere: [Bool]
    /// Whether an object, wanted or not, says that it is this person's.
    private var hasObject: [Bool]
    private var tampered: [Int] = []
    /// Objects under another name than their user's label leads to.
    private var others: [ListedObject] = []

    package init(_ wanted: WantedObjects) {
        self.wanted = wanted
        isThere = Array(repeating: false, count: wanted.objects.count)
        hasObject = isThere
    }

    /// - Parameter isIntact: whether it is as Berth makes it, as far as the list shows.
    package mutating func see(_ object: ListedObject, isIntact: Bool = true) {
        guard let place = object.user.flatMap({ wanted.place(of: $0) }) else { return others.append(object) }
        hasObject[place] = true
        guard wanted.objects[place].name == object.name else { return others.append(object) }
        isThere[place] = true
        if !isIntact { tampered.append(place) }
    }

    /// To be asked once all objects were shown.
    package var drift: Drift {
        let absent = isThere.indices.filter { !isThere[$0] }
        let otherNames = Set(others.map(\.name))
        // Under a wanted name, but with the label of somebody else, or none.
        let mislabelled = absent.filter { otherNames.contains(wanted.objects[$0].name) }
        let mislabelledNames = Set(mislabelled.map { wanted.objects[$0].name })
        let withoutPlace = Set(others.compactMap(\.user).filter { wanted.place(of: $0) == nil })
        return Drift(
            missing: absent.filter { !otherNames.contains(wanted.objects[$0].name) }, tampered: tampered + mislabelled,
            leftovers: others.filter { !mislabelledNames.contains($0.name) },
            people: hasObject.count { $0 } + withoutPlace.count, lost: withoutPlace.count { !wanted.knows($0) })
    }
}
