// SPDX-License-Identifier: Apache-2.0
import Foundation

enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let example = root.appending(path: "config/berth.yaml")
}
