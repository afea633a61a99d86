// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import SpawnModel

/// What stands under a wanted name, held against what should.
enum ObjectState: Hashable {
    case asWanted
    /// The contents are right; labels, annotations or the protection against changes are not.
    case withoutLabels
    case otherContents
    /// Other contents, and nothing says that Berth made it.
    case foreign

    init(of found: JSON, wanted manifest: JSON) {
        let isOurs = found["metadata"]?["labels"]?[ObjectLabel.managedBy]?.string == ObjectLabel.manager
        if !found.hasOverlayContents(of: manifest) {
            self = isOurs ? .otherContents : .foreign
        } else if found["immutable"] != manifest["immutable"] || !found.hasMarks(of: manifest) {
            self = .withoutLabels
        } else {
            self = .asWanted
        }
    }
}

extension JSON {
    var uid: String? { self["metadata"]?["uid"]?.string }
    var resourceVersion: String? { self["metadata"]?["resourceVersion"]?.string }

    /// Whether it has all labels and annotations of the other; it may have more.
    func hasMarks(of manifest: JSON) -> Bool {
        ["labels", "annotations"].allSatisfy { marks in
            (manifest["metadata"]?[marks]?.object ?? [:]).allSatisfy { key, value in
                self["metadata"]?[marks]?[key] == value
            }
        }
    }
}
