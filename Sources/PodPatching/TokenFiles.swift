// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// Where a pod's tokens stand: one memory volume a directory.
struct TokenFiles: Sendable {
    /// The file that programs look for.
    let first: String
    /// In the order of the files.
    let volumes: [(name: String, directory: String)]
    /// As the sidecar is told: a JSON list.
    let list: String

    /// - Parameter tokens: at least one.
    init(_ tokens: [TokenHandOff]) throws(PodPatchError) {
        precondition(!tokens.isEmpty, "a token sidecar without a token")
        var directories: [String] = []
        for token in tokens {
            guard let directory = token.directory else { throw .tokenFile(token.file) }
            if !directories.contains(directory) { directories.append(directory) }
        }
        self.first = tokens[0].file
        self.volumes = directories.enumerated().map { place, directory in
            (place == 0 ? PodKeys.tokenVolume : "\(PodKeys.tokenVolume)-\(place + 1)", directory)
        }
        self.list = JSON(tokens.map(\.told)).text
    }
}

extension TokenHandOff {
    fileprivate var told: JSON { ["audience": JSON(audience), "file": JSON(file)] }
}
