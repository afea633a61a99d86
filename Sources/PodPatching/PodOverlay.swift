// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// The ConfigMap in the pod's namespace with the files that give its ids their names, and what goes with them.
package struct PodOverlay: Sendable, Hashable {
    package let object: String
    /// Its keys: each is mounted in /etc under its name.
    package let files: [String]
    /// Of the server's container: HOME and the like, which would tell another tale than passwd.
    package let variables: [PodTerms.EnvironmentVariable]

    package init(object: String, files: [String], variables: [PodTerms.EnvironmentVariable] = []) {
        self.object = object
        self.files = files
        self.variables = variables
    }
}
