// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Manifests as KubeSpawner makes them, which the tests of PodPatching keep.
enum Pods {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../PodPatchingTests/Pods")

    static let names = ["pod-containers", "pod-gpu", "pod-large", "pod-plain", "pod-volumes", "pod-z2jh"]

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name + ".json")))
    }
}
