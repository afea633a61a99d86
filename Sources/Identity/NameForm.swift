// SPDX-License-Identifier: Apache-2.0

/// The form in which names of one kind are compared. It is put on the names of claims and hub, and on those that rules
/// ask for, so that both sides are always alike; afterwards names are compared byte by byte.
package struct NameForm: Sendable, Hashable {
    /// `case: fold`: capitals and small letters are one.
    package let foldsCase: Bool
    /// `path: leaf`: only what stands behind the last slash counts, so that `/a/x` and `/b/x` are one.
    package let isLeaf: Bool

    package static let asWritten = NameForm(foldsCase: false, isLeaf: false)

    package init(foldsCase: Bool, isLeaf: Bool) {
        self.foldsCase = foldsCase
        self.isLeaf = isLeaf
    }

    package func applied(to name: String) -> String {
        let part = isLeaf ? name.leaf : name
        return foldsCase ? part.foldingCase : part
    }
}

/// One form for each kind of names.
package struct NameForms: Sendable, Hashable {
    package let roles: NameForm
    package let groups: NameForm
    package let entitlements: NameForm

    package static let asWritten = NameForms()

    package init(
        roles: NameForm = .asWritten, groups: NameForm = .asWritten, entitlements: NameForm = .asWritten
    ) {
        self.roles = roles
        self.groups = groups
        self.entitlements = entitlements
    }

    package subscript(kind: NameKind) -> NameForm {
        switch kind {
        case .roles: roles
        case .groups: groups
        case .entitlements: entitlements
        }
    }
}

extension String {
    /// What stands behind the last slash that is followed by something; the whole where nothing is.
    fileprivate var leaf: String {
        let parts = utf8.split(separator: UInt8(ascii: "/"))
        return parts.last.map { String(Substring($0)) } ?? self
    }

    /// Each letter in lower case where that is one letter. No other script's letter becomes an ASCII one: the Kelvin
    /// sign would else be a `k`, and a group that anybody may name would pass for another.
    var foldingCase: String {
        var folded = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            let small = scalar.properties.lowercaseMapping.unicodeScalars
            let isPlain = small.count == 1 && (scalar.isASCII || !small.first!.isASCII)
            folded.append(isPlain ? small.first! : scalar)
        }
        return String(folded)
    }

    /// For host names and namespaces, which are ASCII where they are compared without case.
    var foldingASCII: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
