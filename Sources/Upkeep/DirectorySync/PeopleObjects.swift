// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import SpawnModel

/// The overlay objects of all people of one whole read: their names at once, each manifest when it is needed.
struct PeopleObjects: Sendable {
    let wanted: WantedObjects
    /// When the reading began.
    let readAt: Instant
    /// In the order of `wanted`.
    private let people: [Person]
    private let terms: OverlayTerms

    /// - Parameter reject: is told why somebody gets none, besides those whom the read itself rejected.
    init(_ read: PeopleRead, _ terms: OverlayTerms, rejecting reject: (String) -> Void) {
        self.terms = terms
        readAt = read.at
        var (people, objects): ([Person], [WantedObjects.Object]) = ([], [])
        var unusable = Set(read.unusable.map(SafeName.label))
        people.reserveCapacity(read.people.count)
        objects.reserveCapacity(read.people.count)
        for person in read.people {
            let label = SafeName.label(person.name)
            do throws(OverlayError) {
                guard let object = try terms.object(of: person, namespace: "") else { continue }
                people.append(person)
                objects.append(.init(user: label, name: object.name))
            } catch {
                unusable.insert(label)
                reject("\(error)")
            }
        }
        self.people = people
        wanted = WantedObjects(objects, unusable: unusable)
    }

    func manifest(at place: Int, in namespace: String) -> JSON {
        guard let object = try? terms.object(of: people[place], namespace: namespace) else {
            preconditionFailure("an overlay that was made once can be made again")
        }
        return object.manifest
    }

    /// Whether an object's metadata is as the manifest has it, as far as that tells without making it.
    func hasMarks(_ item: JSON, at place: Int) -> Bool {
        item["metadata"]?["labels"]?[OverlayKeys.managedBy]?.string == OverlayKeys.manager
            && item["metadata"]?["annotations"]?[OverlayKeys.user]?.string == people[place].name
    }
}
