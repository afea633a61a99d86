// SPDX-License-Identifier: Apache-2.0

/// Who a person is to a Unix system: what a passwd line says. Whatever a directory holds, it is one line of seven fields.
package struct Account: Sendable, Hashable {
    package let name: String
    package let uid: Int
    /// Of the primary group.
    package let gid: Int
    /// The person's own name, without what separates fields and lines; may be empty.
    package let fullName: String
    /// Absolute and without `..`.
    package let home: String
    /// Absolute and without `..`.
    package let shell: String

    /// - Throws: `AccountFault` where a field is none. Only the full name is made fit, since nothing is decided by it.
    package init(
        name: String, uid: Int, gid: Int, fullName: String = "", home: String, shell: String
    ) throws(AccountFault) {
        guard PersonNameRule.widest.allows(name) else { throw .name }
        for id in [uid, gid] where !(1...DirectoryTerms.idMost).contains(id) || ReservedIDs.contains(id) {
            throw .id(id)
        }
        guard AccountText.isPath(home) else { throw .home }
        guard AccountText.isPath(shell), !shell.utf8.contains(UInt8(ascii: " ")) else { throw .shell }
        self.name = name
        self.uid = uid
        self.gid = gid
        self.fullName = AccountText.gecos(fullName)
        self.home = home
        self.shell = shell
    }
}

/// Which field of an account is none.
package enum AccountFault: Error, Sendable, Hashable {
    case name, home, shell
    case id(Int)
}

/// A group that a person is in, with its number.
package struct Membership: Sendable, Hashable, Comparable {
    package let gid: Int
    /// As the directory has it, which may be no name for a group file.
    package let name: String

    package init(gid: Int, name: String) {
        self.gid = gid
        self.name = name
    }

    package static func < (one: Membership, other: Membership) -> Bool {
        one.gid == other.gid ? one.name.utf8.lexicographicallyPrecedes(other.name.utf8) : one.gid < other.gid
    }
}

/// What passwd and group files can hold. They have no way to escape anything (passwd(5), group(5)).
enum AccountText {
    static let pathBytesMost = 1024
    static let gecosBytesMost = 256

    /// Absolute, without a part that leads up, on one line and within one field.
    static func isPath(_ text: String) -> Bool {
        guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= pathBytesMost else { return false }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"))
        return text.unicodeScalars.allSatisfy(isOfField) && !parts.contains { $0.elementsEqual("..".utf8) }
    }

    static func isOfField(_ scalar: Unicode.Scalar) -> Bool {
        scalar != ":" && !scalar.isControl && scalar != "\u{2028}" && scalar != "\u{2029}"
    }

    /// A blank for what ends a field or a line, and for commas, which part the field itself (finger's room and telephone
    /// numbers); no blanks around, and no more than one between words.
    static func gecos(_ text: String) -> String {
        var fit = ""
        var isAfterBlank = true
        for scalar in text.unicodeScalars {
            let isBlank = !isOfField(scalar) || scalar == "," || scalar == " "
            if isBlank, isAfterBlank { continue }
            let next = isBlank ? " " : scalar
            guard fit.utf8.count + UTF8.width(next) <= gecosBytesMost else { break }
            fit.unicodeScalars.append(next)
            isAfterBlank = isBlank
        }
        if isAfterBlank, !fit.isEmpty { fit.unicodeScalars.removeLast() }
        return fit
    }
}
