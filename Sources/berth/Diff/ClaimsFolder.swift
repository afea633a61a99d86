// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A folder of claims: `ada.json` holds those of the user `ada`.
struct ClaimsFolder {
    /// More would be a mistaken folder.
    static let filesMost = 20_000

    let users: [(name: String, path: String)]

    /// By name. Files of other endings, and hidden ones, are passed over.
    init(_ path: String) throws {
        guard let folder = opendir(path) else {
            throw Failure("\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let file = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if file.hasSuffix(".json"), !file.hasPrefix(".") { names.append(String(file.dropLast(5))) }
            guard names.count <= ClaimsFolder.filesMost else {
                throw Failure("\(path) holds more than \(ClaimsFolder.filesMost) claims files.")
            }
        }
        guard !names.isEmpty else { throw Failure("\(path) holds no claims: no file there ends in .json.") }
        users = names.sorted().map { ($0, "\(path)/\($0).json") }
    }
}
