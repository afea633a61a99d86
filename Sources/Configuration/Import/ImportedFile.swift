// SPDX-License-Identifier: Apache-2.0

/// The configuration that an import writes: what every site needs, the profiles, and what is left to do.
enum ImportedFile {
    struct Parts {
        let source: String
        /// Where the list stood in the source; empty where the source is the list.
        let listPath: String
        let profiles: [WrittenYAML]
        let base: [WrittenYAML.Member]
        let namesGroups: Bool
        let notes: [Fault]
        let left: [String]
    }

    /// Nil when it would be longer than a configuration may be.
    static func text(of parts: Parts) -> String? {
        var writer = YAMLWriter()
        writeHead(parts, &writer)
        writer.write(site)
        writer.blankLine()
        if parts.namesGroups { writeGroups(&writer) }
        writer.write([WrittenYAML.Member(key: "profiles", value: .list(parts.profiles))])
        if !parts.base.isEmpty {
            writer.blankLine()
            writer.comment("What holds where a profile says nothing else; the hub has the same values of its own.")
            writer.write([WrittenYAML.Member(key: "base", value: .mapping(parts.base))])
        }
        return writer.isTooLong ? nil : writer.text
    }

    private static func writeHead(_ parts: Parts, _ writer: inout YAMLWriter) {
        let place = parts.listPath.isEmpty ? parts.source : "\(parts.source) (\(parts.listPath))"
        writer.comment("Profiles of \(place), by `berth import profile-list`.")
        writer.comment("")
        writer.comment(
            "Next: make the hub's token (`openssl rand -hex 32`), run `berth check` on this file, and see with")
        writer.comment("`berth explain` who may have what. config/README.md of Berth explains the language.")
        if !parts.notes.isEmpty {
            writer.comment("")
            writer.comment("Not carried over as it was, with its place in the source and what to do:")
            for note in parts.notes { writer.comment("- \(note)", hanging: "  ") }
        }
        if !parts.left.isEmpty {
            writer.comment("")
            writer.comment("Stays with the hub, whose chart goes on doing it: \(parts.left.joined(separator: ", ")).")
        }
        writer.blankLine()
    }

    private static let site: [WrittenYAML.Member] = [
        WrittenYAML.Member(key: "listen", value: .scalar("127.0.0.1:8090")),
        WrittenYAML.Member(
            key: "ledger",
            value: .mapping([
                WrittenYAML.Member(key: "path", value: .scalar("ledger.sqlite"))
            ])),
        WrittenYAML.Member(
            key: "deployments",
            value: .mapping([
                WrittenYAML.Member(
                    key: "hub",
                    value: .mapping([
                        WrittenYAML.Member(key: "hook_token_file", value: .scalar("secrets/hub.token"))
                    ]))
            ])),
    ]

    private static func writeGroups(_ writer: inout YAMLWriter) {
        writer.comment(
            "Groups are those that the hub says the user is in, compared byte by byte. Where they come from claims, "
                + "or capitals shall not count, add `identity` (`compare: {groups: {case: fold}}`).")
    }
}
