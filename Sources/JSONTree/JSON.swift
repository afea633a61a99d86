// SPDX-License-Identifier: Apache-2.0

/// A stand-in with the agreed face, so that the other modules compile; the lazy tree replaces it.
package struct JSON: Sendable, Hashable {
    enum Storage: Sendable, Hashable {
        case null, bool(Bool), number(String), string(String), array([JSON]), object(JSONObject)
    }
    var storage: Storage
    package static let null = JSON(storage: .null)
    package static let emptyObject = JSON(storage: .object(JSONObject()))
    package static let emptyArray = JSON(storage: .array([]))
    init(storage: Storage) { self.storage = storage }
}

package struct JSONObject: Sendable, Hashable {
    package private(set) var members: [Member] = []
    package struct Member: Sendable, Hashable { package let key: String; package var value: JSON }
    package init() {}
}
