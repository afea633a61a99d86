// SPDX-License-Identifier: Apache-2.0
import Hashing
package import JSONTree
import SpawnModel

/// A person's overlay as an immutable ConfigMap. Its name says what is in it: another content is another object, so that
/// a pod that runs keeps what it was started with.
package struct OverlayObject: Sendable, Hashable {
    package let name: String
    package let namespace: String
    /// The files' names in `/etc`, which are its keys.
    package let files: [String]
    package let manifest: JSON

    /// - Parameters:
    ///   - user: the hub's name for the person, whatever is in it; the name of the object stays valid, and no two
    ///     people share one.
    ///   - prefix: a DNS label of 30 letters at most.
    package init(_ overlay: Overlay, of user: String, namespace: String, prefix: String = Self.prefixUsual) {
        let data = overlay.files
        self.namespace = namespace
        files = data.map(\.name)
        name = Self.name(prefix, user, data)
        manifest =
            OverlayManifest(
                name: name, namespace: namespace, kind: ObjectLabel.overlay, data: data, isImmutable: true,
                labels: [(ObjectLabel.user, SafeName.label(user))], annotations: [(ObjectLabel.user, user)]
            ).json
    }

    package static let prefixUsual = "berth-overlay"

    /// The digest holds the name as it is; the readable part is only for readers.
    private static func name(_ prefix: String, _ user: String, _ data: [(name: String, text: String)]) -> String {
        let whole = ([user] + data.flatMap { [$0.name, $0.text] }).map { "\($0.utf8.count):\($0)" }.joined()
        let shown = dnsLabel(user, atMost: 40)
        return [prefix, shown, SHA256.hex(whole, bytes: 16)].filter { !$0.isEmpty }.joined(separator: "-")
    }
}

/// What only objects that hold overlays bear, beside `ObjectLabel`'s. The exact name of a person is an annotation called
/// as the label `user`, which holds as much of it as a label can.
package enum OverlayKeys {
    /// Which part of everybody a shared one holds; see `SharedOverlay`.
    package static let shard = "berth.io/shard"
    /// An annotation: when a spawn last counted on the object, in RFC 3339. It is not deleted for some time after,
    /// though no pod mounts it yet.
    package static let neededAt = "berth.io/needed-at"
}

extension Overlay {
    /// By the name in `/etc`.
    var files: [(name: String, text: String)] {
        [("passwd", passwd), ("group", group)] + (nsswitch.map { [("nsswitch.conf", $0)] } ?? [])
    }
}

struct OverlayManifest {
    var name: String
    var namespace: String
    var kind: String
    var data: [(name: String, text: String)]
    var isImmutable: Bool
    var labels: [(String, String)]
    var annotations: [(String, String)] = []

    var json: JSON {
        let own = [(ObjectLabel.managedBy, ObjectLabel.manager), (ObjectLabel.object, kind)]
        var metadata: JSONObject = ["name": JSON(name), "namespace": JSON(namespace)]
        metadata["labels"] = Self.object(own + labels)
        if !annotations.isEmpty { metadata["annotations"] = Self.object(annotations) }
        var manifest: JSONObject = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": JSON(metadata)]
        if isImmutable { manifest["immutable"] = true }
        manifest["data"] = Self.object(data.map { ($0.name, $0.text) })
        return JSON(manifest)
    }

    private static func object(_ pairs: [(String, String)]) -> JSON {
        var object = JSONObject()
        for (key, value) in pairs { object[key] = JSON(value) }
        return JSON(object)
    }
}
