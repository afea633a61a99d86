// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes

/// What names an object, of whatever kind: whoever deletes it where Berth has no cluster may know more kinds.
struct ObjectReference: Sendable, Hashable {
    /// An object with `apiVersion`, `kind` and `metadata`, of which only the name and the namespace are kept.
    let json: JSON

    init?(_ manifest: JSON) {
        guard let version = manifest["apiVersion"]?.string, let kind = manifest["kind"]?.string,
            let name = manifest["metadata"]?["name"]?.string
        else { return nil }
        var metadata: JSONObject = ["name": JSON(name)]
        if let namespace = manifest["metadata"]?["namespace"]?.string { metadata["namespace"] = JSON(namespace) }
        json = ["apiVersion": JSON(version), "kind": JSON(kind), "metadata": JSON(metadata)]
    }

    /// Nil for a kind that Berth cannot make either.
    var name: ObjectName? { ObjectName(of: json) }
}
