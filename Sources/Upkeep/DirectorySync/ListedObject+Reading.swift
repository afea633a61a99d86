// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import SpawnModel

extension ListedObject {
    /// Of an object's metadata; nil where it is none.
    init?(_ item: JSON) {
        guard let metadata = item["metadata"], let name = metadata["name"]?.string, let uid = metadata["uid"]?.string,
            let version = metadata["resourceVersion"]?.string,
            let madeAt = metadata["creationTimestamp"]?.string.flatMap(Instant.init(rfc3339:))
        else { return nil }
        self.init(
            name: name, uid: uid, resourceVersion: version, user: metadata["labels"]?[ObjectLabel.user]?.string,
            madeAt: madeAt,
            neededAt: metadata["annotations"]?[OverlayKeys.neededAt]?.string.flatMap(Instant.init(rfc3339:)))
    }
}
