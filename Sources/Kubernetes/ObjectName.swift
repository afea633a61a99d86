// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// One object of a cluster.
package struct ObjectName: Hashable, Sendable {
    package let kind: ObjectKind
    /// Nil for kinds that are in none.
    package let namespace: String?
    package let name: String

    package init(_ kind: ObjectKind, in namespace: String? = nil, _ name: String) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    /// Of a manifest; nil when it is of a kind that we do not know, or has no name.
    ///
    /// - Parameter namespace: where it goes if the manifest does not say.
    package init?(of object: JSON, in namespace: String? = nil) {
        guard let kind = ObjectKind(of: object), let name = object["metadata"]?["name"]?.string else { return nil }
        self.init(
            kind, in: kind.isNamespaced ? object["metadata"]?["namespace"]?.string ?? namespace : nil, name)
    }
}

extension ObjectName: CustomStringConvertible {
    /// `pods "jupyter-ada" in namespace "hub"`.
    package var description: String {
        "\(kind.plural) \"\(name.shortened)\"" + (namespace.map { " in namespace \"\($0.shortened)\"" } ?? "")
    }
}

extension String {
    /// On one line and of bounded length: a name that is refused may be anything.
    var shortened: String { printable(most: 80) }

    /// Control characters become spaces; what is longer than `most` ends in `…`.
    func printable(most: Int) -> String {
        let scalars = unicodeScalars.prefix(most).map {
            $0.properties.generalCategory == .control || $0.properties.generalCategory == .format ? " " : $0
        }
        return String(String.UnicodeScalarView(scalars)) + (unicodeScalars.count > most ? "…" : "")
    }
}
