// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// The name of a key in its set (`kid`), compared byte by byte.
package struct KeyID: Sendable, Hashable, CustomStringConvertible {
    private let bytes: [UInt8]

    /// What a cache of names may have to hold for each.
    static let bytesMost = 256

    /// Nil for an empty text and for one of more than 256 bytes.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.bytesMost else { return nil }
        bytes = Array(text.utf8)
    }

    package var description: String { String(decoding: bytes, as: UTF8.self) }
}
