// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import SpawnModel

extension ObjectName {
    /// `apiVersion`, `kind` and `metadata` with name and namespace: as a manifest begins, with nothing in it.
    var json: JSON {
        var metadata: JSONObject = ["name": JSON(name)]
        if let namespace { metadata["namespace"] = JSON(namespace) }
        return ["apiVersion": JSON(kind.apiVersion), "kind": JSON(kind.kind), "metadata": JSON(metadata)]
    }
}

extension StandingObject {
    /// As the answer of pre-spawn has it: never what is in the object.
    var json: JSON {
        var json = name.json
        json["metadata"]?["uid"] = JSON(uid)
        json["object"] = JSON(key)
        json["lifetime"] = JSON(lifetime.rawValue)
        json["state"] = JSON(state.rawValue)
        return json
    }
}
