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
            let directory = try token.directory()
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

    /// Everything else in the directory is hidden by the volume, so the file must stand two levels deep or more.
    fileprivate func directory() throws(PodPatchError) -> String {
        let parts = file.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPlain = !parts.dropFirst().contains { part in
            part.isEmpty || part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8)
        }
        guard parts.count >= 4, parts[0].isEmpty, isPlain else { throw .tokenFile(file) }
        return String(file[..<parts[parts.count - 2].endIndex])
    }
}
