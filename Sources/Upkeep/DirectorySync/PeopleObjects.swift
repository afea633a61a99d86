// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import SpawnModel

/// The overlay objects of all people of one whole read: their names at once, each manifest when it is needed.
struct PeopleObjects: Sendable {
    let wanted: WantedObjects
    /// When the reading began.
    var readAt: Instant { read.at }
    private let read: PeopleRead
    /// In the order of `wanted`: the person's place in the read.
    private let places: [Int32]
    private let terms: OverlayTerms

    /// - Parameter reject: is told why somebody gets none, besides those whom the read itself rejected.
    init(_ read: PeopleRead, _ terms: OverlayTerms, rejecting reject: (String) -> Void) {
        self.read = read
        self.terms = terms
        var (objects, places): ([WantedObjects.Object], [Int32]) = ([], [])
        var unusable = Set(read.unusable.map(SafeName.label))
        objects.reserveCapacity(read.count)
        places.reserveCapacity(read.count)
        for (place, person) in read.people.enumerated() {
            let user = SafeName.label(person.name)
            do throws(OverlayError) {
                guard let object = try terms.object(of: person, namespace: "") else { continue }
                objects.append(.init(user: user, name: object.name))
                places.append(Int32(place))
            } catch {
                unusable.insert(user)
                reject("\(error)")
            }
        }
        self.places = places
        wanted = WantedObjects(objects, unusable: unusable, hasMoreUnusable: read.hasMoreUnusable)
    }

    /// - Parameter place: in the order of `wanted`.
    func manifest(at place: Int, in namespace: String) -> JSON {
        guard let object = try? terms.object(of: read[Int(places[place])], namespace: namespace) else {
            preconditionFailure("an overlay that was made once can be made again")
        }
        return object.manifest
    }
}

extension JSON {
    /// Whether an overlay's metadata is as its manifest has it, as far as that tells by itself.
    var hasOverlayMarks: Bool {
        let (labels, annotations) = (self["metadata"]?["labels"], self["metadata"]?["annotations"])
        return labels?[ObjectLabel.managedBy]?.string == ObjectLabel.manager
            && annotations?[ObjectLabel.user]?.string.map(SafeName.label) == labels?[ObjectLabel.user]?.string
    }
}
