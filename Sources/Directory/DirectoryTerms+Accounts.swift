// SPDX-License-Identifier: Apache-2.0

extension DirectoryTerms {
    /// Where the rest of a passwd line comes from.
    package struct Accounts: Sendable, Hashable {
        package static let homeElse = "/home/{name}"
        /// Every image has it.
        package static let shellElse = "/bin/sh"

        /// The first of them that an entry has is the person's own name. The attribute gecos is not among them: slapd
        /// takes only ASCII there.
        package var fullName: [String]
        package var home: Source
        package var shell: Source

        package init(
            fullName: [String] = ["displayName", "cn"],
            home: Source = .attribute("homeDirectory", else: homeElse),
            shell: Source = .attribute("loginShell", else: shellElse)
        ) {
            self.fullName = fullName
            self.home = home
            self.shell = shell
        }

        package enum Source: Sendable, Hashable {
            /// A path for everybody; `{name}` and `{uid}` stand for the person's.
            case template(String)
            /// What the entry has there, or the template's path where it has none.
            case attribute(String, else: String)
        }

        var attributes: [String] { fullName + [home, shell].compactMap(\.attribute) }
    }
}

extension DirectoryTerms.Accounts.Source {
    var attribute: String? {
        switch self {
        case .template: nil
        case .attribute(let attribute, _): attribute
        }
    }

    /// Whether every person's path would fit a passwd line.
    package static func isTemplate(_ text: String) -> Bool {
        let filled = filled(text, name: "name", uid: 1)
        return AccountText.isPath(filled) && !filled.contains { "{}".contains($0) }
    }

    /// With the person's name and uid in their places.
    static func filled(_ template: String, name: String, uid: Int) -> String {
        // The name holds no brace, so that nothing is put into it.
        template.replacing("{name}", with: name).replacing("{uid}", with: String(uid))
    }
}
