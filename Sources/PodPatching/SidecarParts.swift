// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What Berth's containers have in every pod; made once for a configuration.
///
/// A class, since every patch reads it and a copy would count all its owners.
final class SidecarParts: Sendable, Hashable {
    let sidecars: PodTerms.Sidecars
    let walltime: Container
    let token: Container
    let urlVariable: PodTerms.EnvironmentVariable
    let credentialFileVariable: PodTerms.EnvironmentVariable
    /// What stands around the reservation's id in the name of the credential's Secret.
    let secretNameParts: [String]
    let secretItems: JSON

    struct Container: Sendable {
        let command: JSON
        /// New ones, but for their user, their environment and their mounts.
        private let ordinary: JSON
        private let native: JSON

        func new(in list: ContainerDraft.List) -> JSON { list == .initContainers ? native : ordinary }
    }

    init(_ sidecars: PodTerms.Sidecars) {
        self.sidecars = sidecars
        self.walltime = Container(sidecars, named: PodKeys.walltimeContainer, running: sidecars.walltimeCommand)
        self.token = Container(sidecars, named: PodKeys.tokenContainer, running: sidecars.tokenCommand)
        self.urlVariable = PodTerms.EnvironmentVariable(PodKeys.berthURL, sidecars.berthURL).packed
        let file = PodKeys.credentialDirectory + "/token"
        self.credentialFileVariable = PodTerms.EnvironmentVariable(PodKeys.credentialFile, file).packed
        self.secretNameParts = sidecars.credentialSecret.parts(around: "{reservation_id}")
        self.secretItems = ([["key": JSON(sidecars.credentialKey), "path": "token"]] as JSON).packed
    }

    static func == (a: SidecarParts, b: SidecarParts) -> Bool { a.sidecars == b.sidecars }
    func hash(into hasher: inout Hasher) { hasher.combine(sidecars) }

    /// The credential's Secret has one key, and its name is that of the reservation.
    func credentialVolume(for reservation: String) -> JSON {
        let name = JSON(secretName(for: reservation))
        let secret = JSON(JSONObject(("secretName", name), ("items", secretItems)))
        return JSON(JSONObject(("name", JSON(PodKeys.credentialVolume)), ("secret", secret)))
    }

    func secretName(for reservation: String) -> String {
        String(secretNameParts, around: SafeName.dns(reservation))
    }
}

extension SidecarParts.Container {
    fileprivate init(_ sidecars: PodTerms.Sidecars, named name: String, running words: [String]) {
        let command = JSON(words.map { JSON($0) }).packed
        self.command = command
        func new(_ restartPolicy: JSON?) -> JSON {
            var new: JSONObject = ["name": JSON(name), "image": JSON(sidecars.image), "command": command]
            if let restartPolicy { new["restartPolicy"] = restartPolicy }
            if let policy = sidecars.imagePullPolicy { new["imagePullPolicy"] = JSON(policy) }
            new["resources"] = sidecars.resourcesJSON
            return JSON(new).packed
        }
        (self.ordinary, self.native) = (new(nil), new("Always"))
    }
}
