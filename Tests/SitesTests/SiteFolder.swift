// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONTree
import Testing

/// A site's folder: `site.yaml`, its configuration, and `expect.yaml`, what must come of it.
struct SiteFolder: Sendable, CustomTestStringConvertible {
    let url: URL

    var name: String { url.lastPathComponent }
    var testDescription: String { name }

    func text(of file: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appending(path: file)), as: UTF8.self)
    }

    func expectation() throws -> SiteExpectation {
        try SiteExpectation(YAMLFile.json(text(of: "expect.yaml")), name)
    }

    static let tests = URL(filePath: #filePath).deletingLastPathComponent()

    /// In the order of their names.
    static let all: [SiteFolder] = {
        let folder = tests.appending(path: "Sites")
        let found = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (found ?? []).sorted { $0.lastPathComponent < $1.lastPathComponent }.map(SiteFolder.init)
    }()
}

/// A pod as KubeSpawner made it.
enum HubPod {
    private static let folder = SiteFolder.tests.deletingLastPathComponent().appending(path: "PodPatchingTests/Pods")

    static func named(_ name: String) throws -> JSON {
        try JSON(parsing: [UInt8](Data(contentsOf: folder.appending(path: "pod-\(name).json"))))
    }
}
