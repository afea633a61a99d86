// SPDX-License-Identifier: Apache-2.0
import Foundation
import Identity
import JSONTree
import SpawnModel
import Testing

/// One of the claims files in `Claims`, with what `expected.json` says of it.
struct ClaimsSample {
    let claims: JSON
    let expected: JSON

    init(_ number: String) throws {
        let folder = try #require(Bundle.module.url(forResource: "Claims", withExtension: nil))
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let file = try #require(files.first { $0.lastPathComponent.hasPrefix(number + "-") })
        claims = try JSON(parsing: Array(Data(contentsOf: file)))
        let all = try JSON(parsing: Array(Data(contentsOf: folder.appending(path: "expected.json"))))
        expected = try #require(all[number])
    }

    func subject(
        _ mapping: ClaimsMapping, forms: NameForms = .asWritten, named name: String = "ana"
    ) throws -> Subject {
        try claims.subject(mapping, forms: forms, named: name)
    }

    func texts(_ key: String) throws -> [String] { try #require(expected[key]?.array).compactMap(\.string) }
}

extension JSON {
    func subject(
        _ mapping: ClaimsMapping, forms: NameForms = .asWritten, named name: String = "ana", hubGroups: [String] = []
    ) throws -> Subject {
        try SubjectReader(mappings: [mapping], forms: forms).subject(
            for: HubUser(name: name, isAdmin: false, groups: hubGroups), claims: self, deployment: "prod")
    }
}

extension ClaimSource {
    /// The claim at a path of one name.
    static func at(_ name: String, _ shape: Shape = .names) -> ClaimSource {
        ClaimSource(ClaimPath(names: [name])!, shape)
    }
}

extension ClaimPath {
    static func to(_ name: String) -> ClaimPath { ClaimPath(names: [name])! }
}
