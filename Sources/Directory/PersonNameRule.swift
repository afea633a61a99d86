// SPDX-License-Identifier: Apache-2.0

/// Which names of people are taken. A directory lets nearly anything stand there, line breaks and colons included, and
/// the name goes on into passwd lines, labels and paths.
package struct PersonNameRule: Sendable, Hashable {
    /// What shadow's useradd takes: `^[a-z_][a-z0-9_.-]{0,31}$`.
    package static let unix = PersonNameRule()
    /// Signs that may be let in besides; not those with a meaning in passwd lines, paths and shells.
    package static let signsPossible = "@+=~"
    /// Whatever a site lets in.
    static let widest = PersonNameRule(capitals: true, signs: signsPossible)

    package let capitals: Bool
    /// Some of `signsPossible`, for names such as `alice@example.org`.
    package let signs: String

    package init(capitals: Bool = false, signs: String = "") {
        self.capitals = capitals
        self.signs = signs
    }

    /// With further signs names are addresses and may be longer.
    package var bytesMost: Int { signs.isEmpty ? 32 : 128 }

    func allows(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= bytesMost else { return false }
        return isLetter(first) && name.utf8.allSatisfy { isLetter($0) || isOther($0) }
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): capitals
        default: false
        }
    }

    private func isOther(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: signs.utf8.contains(byte)
        }
    }
}
