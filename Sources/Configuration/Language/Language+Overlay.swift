// SPDX-License-Identifier: Apache-2.0
import Directory

extension Language {
    static let overlay = Shape(
        "directory_overlay", "The files by which a container knows its user: `passwd`, `group`, `nsswitch.conf`.",
        [
            .optional(
                "objects", .oneOf(OverlayTerms.Objects.allCases.map(\.rawValue)),
                """
                `per-person` (the default): an immutable ConfigMap for each, with nobody else in it. `shared`: one with \
                everybody, or as many as hold them.
                """),
            .optional(
                "prefix", .name(.object), "What the ConfigMaps' names begin with. Default `berth-overlay`."),
            .optional(
                "base_passwd_file", .file,
                "Accounts that stay beside the person's, as a passwd file. Default: Debian's usual ones."),
            .optional("base_group_file", .file, "The same for groups."),
            .optional(
                "nsswitch", .flag,
                "Also makes `nsswitch.conf`, which has names come from these files alone. Default `false`."),
            .optional(
                "variables", .list(of: .oneOf(OverlayTerms.Variable.allCases.map(\.rawValue))),
                "Variables of the server's container that get the account's home, name or shell. Default: none."),
            .optional(
                "home", .text,
                """
                The attribute with a person's home, or a path for all, such as `/home/{name}` (`{uid}` is known too). \
                Default `homeDirectory`; who has none there gets `/home/{name}`.
                """),
            .optional(
                "shell", .text,
                "The attribute with a person's shell, or a path for all. Default `loginShell`, or `/bin/sh`."),
            .optional(
                "full_name_attributes", .list(of: .name(.attribute)),
                "The first that an entry has is the person's own name. Default `[displayName, cn]`."),
        ])

    static let sync = Shape(
        "directory_sync", "How the directory is read as a whole, for `berth sync` and the leader of those that serve.",
        [
            .optional("every", .span, "Between two whole reads, 1m to 24h. Default 5m."),
            .optional(
                "shrink_percent", .integer(0...100),
                """
                A read with more people gone than this is not applied until somebody confirms it. Default 20; 100 \
                takes anything but nobody.
                """),
            .optional(
                "changes", .oneOf(SyncTerms.Changes.allCases.map(\.rawValue)),
                """
                How changes are heard of between whole reads: `none` (the default), `syncrepl` (RFC 4533, as OpenLDAP \
                has it) or `modify-timestamp`. They bring the next whole read forward.
                """),
            .optional("changes_every", .span, "How often is asked whether anything changed, 1s to 1h. Default 30s."),
            .optional(
                "page_size", .integer(1...10_000),
                "Entries that are asked for at once; fewer where the server allows fewer. Default 500."),
            .optional("timeout", .span, "For the whole of a read, 10s to 1h. Default 10m."),
            .optional("page_timeout", .span, "For one page of it, 1s to 10m. Default 30s."),
        ])
}
