// SPDX-License-Identifier: Apache-2.0

/// The keys of `user_options` that Berth knows beside a profile's own.
package enum Key {
    package static let profile = "profile"
    package static let image = "image"
    package static let gpu = "gpu"
    package static let gpuSize = "gpu-size"
    package static let walltime = "walltime"
}

/// KubeSpawner's key for a text that the user typed instead of choosing.
func typedKey(_ option: String) -> String { option + typedSuffix }

let typedSuffix = "--unlisted-choice"
