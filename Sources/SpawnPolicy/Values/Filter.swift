// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// What becomes of a reference's value before it is put in place.
package enum Filter: Sendable, Hashable {
    /// Stands in where nothing is.
    case standard(JSON)
    /// What stands behind the last slash.
    case leaf
    case lower
    /// A DNS label.
    case dns
    /// A label's value.
    case label
    /// 16 hex digits of SHA-256.
    case hash
    /// So many characters from the end.
    case last(Int)
    case times(Quantity)
    case plus(Quantity)
    /// A list as one text.
    case join(String)
    /// As JSON text.
    case json
    /// A line for each element.
    case lines(LinePattern)

    /// `{name}:x:{id}:`, with members of an object in braces, or `{}` for a text itself.
    package struct LinePattern: Sendable, Hashable {
        let parts: [Part]

        enum Part: Sendable, Hashable {
            case literal(String)
            /// Nil for the element itself.
            case member(String?)
        }
    }
}
