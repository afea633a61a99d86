// SPDX-License-Identifier: Apache-2.0

/// A token or password. It never prints its value, whatever asks for a description of it or of what holds it.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    /// Stands in where a check may go on without the secret; it matches nothing.
    static let unknown = Secret([])

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// False for the stand-in of a secret that was not there to be read.
    package var isKnown: Bool { !bytes.isEmpty }

    /// Whether `presented` is this secret. Takes as long for a near miss as for any other text of its length.
    package func matches(_ presented: Swift.Span<UInt8>) -> Bool {
        guard isKnown, presented.count == bytes.count else { return false }
        var difference: UInt8 = 0
        for place in bytes.indices { difference |= bytes[place] ^ presented[place] }
        return difference == 0
    }

    package func matches(_ presented: [UInt8]) -> Bool { matches(presented.span) }

    /// As an `Authorization` header has it; for nothing but to be sent.
    package var bearer: String { "Bearer " + String(decoding: bytes, as: UTF8.self) }

    func isSame(as other: Secret) -> Bool { matches(other.bytes) }

    package var description: String { "(secret)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
