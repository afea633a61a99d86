// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONTree

@testable import PodPatching

/// Pods as KubeSpawner made them, and as they should be after patching.
enum Pods {
    static let names = ["plain", "z2jh", "volumes", "containers", "gpu", "large"]

    static func named(_ name: String) throws -> JSON {
        try JSON(parsing: [UInt8](Data(contentsOf: folder.appending(path: "pod-\(name).json"))))
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Pods")

    /// A pod with the given members of its spec.
    static func pod(_ spec: String, metadata: String = #"{"name": "p"}"#) throws -> JSON {
        try JSON(parsing: #"{"apiVersion": "v1", "kind": "Pod", "metadata": \#(metadata), "spec": \#(spec)}"#)
    }
}

/// Reading a patched pod.
extension JSON {
    func at(_ pointer: String) -> JSON? {
        guard let pointer = try? JSONPointer(pointer) else { return nil }
        return value(at: pointer)
    }

    /// All containers by name, those that start first in front.
    var containers: [JSON] { (at("/spec/initContainers")?.array ?? []) + (at("/spec/containers")?.array ?? []) }

    func container(_ name: String) -> JSON? { containers.first { $0["name"]?.string == name } }

    func entries(_ list: String, _ key: String, _ name: String) -> [JSON] {
        (self[list]?.array ?? []).filter { $0[key]?.string == name }
    }

    /// The values of a container's variable; one that comes from elsewhere gives nil.
    func variable(_ name: String) -> [String?] { entries("env", "name", name).map { $0["value"]?.string } }

    func names(_ list: String, _ key: String) -> [String] { (self[list]?.array ?? []).compactMap { $0[key]?.string } }
}
