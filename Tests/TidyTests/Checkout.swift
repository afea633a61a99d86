// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The project's files, as the tidy tests read them.
enum Checkout {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct File {
        let path: String
        let text: String
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        /// The folder below Sources or Tests.
        var module: String { String(path.split(separator: "/")[1]) }
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ")
                guard let place = words.firstIndex(of: "import"), place <= 1, words.count > place + 1 else {
                    return nil
                }
                return String(words[place + 1])
            }
        }
    }

    static func files(under folders: [String], endings: [String]) throws -> [File] {
        var files: [File] = []
        for folder in folders {
            let base = root.appending(path: folder)
            guard let walk = FileManager.default.enumerator(atPath: base.path) else { continue }
            for case let path as String in walk where endings.contains((path as NSString).pathExtension) {
                files.append(File(path: "\(folder)/\(path)", text: try read("\(folder)/\(path)")))
            }
        }
        return files
    }

    static func read(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    static func plainFiles(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
            .map { "\(folder)/\($0)" }
            .filter { path in
                var isFolder: ObjCBool = false
                let isThere = FileManager.default.fileExists(
                    atPath: root.appending(path: path).path, isDirectory: &isFolder)
                return isThere && !isFolder.boolValue
            }
    }

    /// The names of shims and modules, as the manifest orders them.
    static func modules(in manifest: String) -> [String] {
        let opening = /(?:shim|module)\(\s*"([A-Za-z]+)"/
        return manifest.matches(of: opening).map { String($0.1) } + ["berth"]
    }
}
