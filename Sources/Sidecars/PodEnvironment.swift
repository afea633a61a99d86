// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// What the pod tells a sidecar: the variables that `PodPatching` writes.
package struct PodEnvironment: Sendable {
    private let value: @Sendable (String) -> String?

    package init(_ value: @escaping @Sendable (String) -> String?) { self.value = value }

    /// The process's own.
    package static let own = PodEnvironment { name in getenv(name).map { String(cString: $0) } }

    /// Nil where it is missing or empty.
    subscript(name: String) -> String? { value(name).flatMap { $0.isEmpty ? nil : $0 } }

    func required(_ name: String, expected: String) throws(SidecarError) -> String {
        guard let value = self[name] else { throw .environment(variable: name, expected: expected) }
        return value
    }

    /// An absolute path without a slash at its end.
    func directory(_ name: String) throws(SidecarError) -> String {
        let expected = "the absolute path of a directory"
        let path = try required(name, expected: expected)
        guard path.hasPrefix("/"), path.utf8.count > 1 else { throw .environment(variable: name, expected: expected) }
        return path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
