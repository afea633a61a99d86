// SPDX-License-Identifier: Apache-2.0
package import JSONTree
import SpawnModel

/// What stands in a cluster under an overlay's name, held against its manifest.
package enum OverlayState: Sendable, Hashable {
    case asWanted
    /// The contents are right; labels, annotations or the protection against changes are not.
    case withoutLabels
    case otherContents
    /// Other contents, and nothing says that Berth made it.
    case foreign

    package init(of found: JSON, wanted manifest: JSON) {
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
    /// Whether an object as it stands in the cluster has the contents of an overlay's manifest, and none beside them.
    fileprivate func hasOverlayContents(of manifest: JSON) -> Bool {
        self["binaryData"] == nil && (self["data"] ?? .emptyObject).isEquivalent(to: manifest["data"] ?? .emptyObject)
    }

    /// Whether it has all labels and annotations of the other; it may have more.
    package func hasMarks(of manifest: JSON) -> Bool {
        ["labels", "annotations"].allSatisfy { marks in
            (manifest["metadata"]?[marks]?.object ?? [:]).allSatisfy { key, value in
                self["metadata"]?[marks]?[key] == value
            }
        }
    }
}
