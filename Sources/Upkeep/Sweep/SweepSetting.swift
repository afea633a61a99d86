// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What the configuration in force says of the sweep; read anew at each round.
package struct SweepSetting: Sendable, Hashable {
    /// Where the pods of each deployment run, by the deployment's name as a label can hold it.
    package let namespaceOf: [String: String]

    /// - Parameter deployments: names and namespaces; one without a namespace is left out, since nobody could tell
    ///   whether its pods live.
    package init(_ deployments: [(name: String, namespace: String)]) {
        namespaceOf = Dictionary(
            deployments.map { (SafeName.label($0.name), $0.namespace) }, uniquingKeysWith: { first, _ in first })
    }

    /// Each once.
    package var namespaces: [String] { Set(namespaceOf.values).sorted() }
}
