// SPDX-License-Identifier: Apache-2.0

/// What a mapping of the configuration may hold. All shapes together are the language: the reader refuses what they do
/// not name, and the JSON Schema for editors is written from them.
struct Shape: Sendable {
    /// The schema's name of it, such as `profile`.
    let name: String
    let about: String
    let keys: [Key]

    init(_ name: String, _ about: String, _ keys: [Key]) {
        self.name = name
        self.about = about
        self.keys = keys
    }

    func key(_ name: String) -> Key? { keys.first { $0.name == name } }
}

/// One key of a shape.
struct Key: Sendable {
    let name: String
    let kind: Kind
    let isRequired: Bool
    let mayBeNull: Bool
    let about: String
    /// Why a key that is planned cannot be used yet; nil for the others.
    let notYet: String?

    static func required(_ name: String, _ kind: Kind, _ about: String) -> Key {
        Key(name: name, kind: kind, isRequired: true, mayBeNull: false, about: about, notYet: nil)
    }

    static func optional(_ name: String, _ kind: Kind, mayBeNull: Bool = false, _ about: String) -> Key {
        Key(name: name, kind: kind, isRequired: false, mayBeNull: mayBeNull, about: about, notYet: nil)
    }

    static func notYet(_ name: String, _ about: String, instead: String) -> Key {
        Key(name: name, kind: .anything, isRequired: false, mayBeNull: true, about: about, notYet: instead)
    }
}

/// What a value may be.
indirect enum Kind: Sendable {
    /// A word or sentence; a number is taken as it is spelled.
    case text
    /// Text that names something in this file or in Kubernetes: letters, digits and a few signs.
    case name(NameRule)
    case flag
    case integer(ClosedRange<Int>)
    /// `8h`, `90m`, `1h30m`.
    case span
    /// GPU memory: `20Gi`, `512Mi`.
    case memory
    /// A path in the file system, relative to the file that names it.
    case file
    case oneOf([String])
    /// Handed on as it stands, such as a Kubernetes object.
    case anything
    /// Any mapping, handed on as it stands.
    case object
    case list(of: Kind, atLeast: Int)
    /// A mapping whose keys are free names.
    case table(of: Kind, keys: NameRule)
    case shape(@Sendable () -> Shape)
    /// A rule: who may.
    case rule
    /// One of these; they differ in being a scalar, a list or a mapping.
    case either([Kind])

    static func list(of kind: Kind) -> Kind { .list(of: kind, atLeast: 0) }
    static func shape(_ shape: @escaping @autoclosure @Sendable () -> Shape) -> Kind { .shape(shape) }
}

/// Which names are good in one place.
struct NameRule: Sendable {
    /// For the schema; a test holds it against `isGood`.
    let pattern: String
    let words: String
    let most: Int
    let isGood: @Sendable (String) -> Bool

    func allows(_ text: String) -> Bool {
        !text.isEmpty && text.unicodeScalars.count <= most && isGood(text)
    }

    /// Anything but nothing.
    static let free = NameRule(pattern: "^[^\\n]+$", words: "text on one line", most: 256) {
        !$0.unicodeScalars.contains("\n")
    }
    /// An id that appears in form fields, URLs, labels and logs.
    static let id = NameRule(
        pattern: "^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$",
        words: "letters, digits, `.`, `_` and `-`, with a letter or digit at both ends", most: 63, isGood: isLabel)
    /// Kubernetes' resource names and label keys: an optional DNS prefix, a slash, a name.
    static let qualified = NameRule(
        pattern: "^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$",
        words: "a Kubernetes name such as `nvidia.com/gpu`", most: 317
    ) { text in
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isPrefix =
            parts.count == 1 || isLabel(parts[0]) && parts[0] == parts[0].lowercased() && !parts[0].contains("_")
        return parts.count <= 2 && isPrefix && isLabel(parts[parts.count - 1])
    }
    /// A container's name, or `*`.
    static let container = NameRule(
        pattern: "^(\\*|[a-z0-9]([a-z0-9-]*[a-z0-9])?)$", words: "a container's name, or `*` for every one", most: 63
    ) { $0 == "*" || isLabel($0) && $0.unicodeScalars.allSatisfy { !$0.isUpper && $0 != "." && $0 != "_" } }
    /// Becomes a part of a Kubernetes name.
    static let object = NameRule(
        pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", words: "lower-case letters, digits and `-`", most: 30
    ) { isLabel($0) && $0.unicodeScalars.allSatisfy { !$0.isUpper && $0 != "." && $0 != "_" } }
    /// A name inside a reference.
    static let word = NameRule(
        pattern: "^[A-Za-z0-9_-]+$", words: "letters, digits, `_` and `-`", most: 63
    ) { $0.unicodeScalars.allSatisfy { $0.isLetterOrDigit || $0 == "_" || $0 == "-" } }
    static let variable = NameRule(
        pattern: "^[A-Za-z_][A-Za-z0-9_]*$", words: "letters, digits and `_`, not starting with a digit", most: 256
    ) { text in
        text.unicodeScalars.allSatisfy { $0.isLetterOrDigit || $0 == "_" } && !text.unicodeScalars.first!.isDigit
    }
    /// LDAP's attributes (RFC 4512 section 1.4), without options and numbers.
    static let attribute = NameRule(
        pattern: "^[A-Za-z][A-Za-z0-9-]*$", words: "letters, digits and `-`, starting with a letter", most: 64
    ) { text in
        text.unicodeScalars.allSatisfy { $0.isLetterOrDigit || $0 == "-" } && !text.unicodeScalars.first!.isDigit
            && text.unicodeScalars.first != "-"
    }
    static let migProfile = NameRule(
        pattern: "^[1-9]g\\.[1-9][0-9]*gb(\\+me(\\.all)?|\\+gfx|-me)?$",
        words: "NVIDIA's name of a slice, such as `1g.10gb` or `1g.10gb+me`", most: 32
    ) { $0.wholeMatch(of: /[1-9]g\.[1-9][0-9]*gb(\+me(\.all)?|\+gfx|-me)?/) != nil }

    private static func isLabel(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        return first.isLetterOrDigit && last.isLetterOrDigit
            && text.unicodeScalars.allSatisfy { $0.isLetterOrDigit || $0 == "." || $0 == "_" || $0 == "-" }
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { ("0"..."9").contains(self) }
    var isUpper: Bool { ("A"..."Z").contains(self) }
    var isLetterOrDigit: Bool { isDigit || ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}
