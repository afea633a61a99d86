// SPDX-License-Identifier: Apache-2.0
import Directory

extension Language {
    static let directory = Shape(
        "directory", "An LDAP directory that is asked about each user when a hub asks.",
        [
            .required(
                "urls", .either([.text, .list(of: .text, atLeast: 1)]),
                "`ldaps://host`, `ldap://host` (made safe by StartTLS) or `ldapi://…`; the next is asked where one fails."
            ),
            .optional(
                "tls", .oneOf(["starttls", "none"]),
                "What `ldap://` does first. Default `starttls`; `none` is clear text, for this machine only."),
            .optional(
                "ca_file", .file, "Authorities in PEM that servers' certificates must be signed by. Default: Debian's."),
            .optional("bind_dn", .text, "Who Berth is to the directory. Default: nobody in particular."),
            .optional("bind_password_file", .file, "A file with that DN's password, readable by Berth only."),
            .optional("sasl", .oneOf(["external"]), "`external`: Berth is whom the socket of `ldapi://` says it is."),
            .optional(
                "schema", .oneOf(DirectorySchema.allCases.map(\.rawValue)),
                """
                What entries look like, which sets what is not written: `rfc2307` (the default; groups list names), \
                `rfc2307bis` (groups list DNs) or `active-directory`.
                """),
            .required("people", .shape(people), "Where people are."),
            .optional("groups", .shape(groups), "Where groups are; without it no groups are read."),
            .optional("ids", .shape(ids), "Which numeric ids are taken; they become the pod's."),
            .optional(
                "overlay", .shape(overlay), "Has pods know their user's names; without it they know numbers only."),
            .optional("sync", .shape(sync), "Has overlays made ahead of time, for everybody."),
            .optional("claim", .name(.variable), "The claim that holds the answer. Default `directory`."),
            .optional("add_groups", .flag, "The groups found are the user's, for `group` rules. Default `false`."),
            .optional(
                "on_failure", .oneOf(DirectorySource.Failure.allCases.map(\.rawValue)),
                """
                Where the directory does not answer: `refuse` (the default), or `unknown`: rules that need it do not \
                allow.
                """),
            .optional(
                "on_unknown_person", .oneOf(DirectorySource.UnknownPerson.allCases.map(\.rawValue)),
                "Whom it does not know: `refuse` (the default), or `pass`: the claim's `known` is then false."),
            .optional("timeout", .span, "For a whole look-up, 30s at most. Default 5s."),
            .optional("connect_timeout", .span, "To reach one server. Default 2s."),
            .optional("connections", .integer(1...64), "Look-ups that run at once. Default 4."),
            .optional("kept", .span, "How long an answer stands, 1h at most. Default 1m."),
            .optional("unknown_kept", .span, "How long \"no such person\" stands, 1h at most. Default 10s."),
        ])

    private static let people = Shape(
        "directory_people", "Where people are, and what their attributes are called.",
        [
            .required("base", .text, "The DN below which they are."),
            .optional("filter", .text, "Who counts, in LDAP's own form. Default `(objectClass=posixAccount)`."),
            .optional("name_attribute", .name(.attribute), "Holds the hub's name for them. Default `uid`."),
            .optional("attributes", .list(of: .name(.attribute)), "Further attributes for the claim, each a list."),
            .optional("capitals", .flag, "Names may have capitals. Default: only in Active Directory."),
            .optional(
                "name_signs", .text,
                "Signs that names may hold besides letters, digits, `_`, `.` and `-`: some of `@+=~`. Default: none."),
        ])

    private static let groups = Shape(
        "directory_groups", "Where groups are, and how they name their members.",
        [
            .required("base", .text, "The DN below which they are."),
            .optional("filter", .text, "What counts as a group, in LDAP's own form."),
            .optional("name_attribute", .name(.attribute), "Holds the group's name. Default `cn`."),
            .optional(
                "member_attributes", .list(of: .name(.attribute), atLeast: 1),
                """
                Attributes of groups that list their members: DNs, and names in `memberUid`. Default `[memberUid]`, or \
                `[member, uniqueMember]`.
                """),
            .optional(
                "member_of", .name(.attribute),
                "The attribute of people that lists their groups, such as `memberOf`, used instead."),
            .optional(
                "nested_depth", .integer(0...32),
                """
                How far groups in groups are followed; where more would be found beyond, the look-up fails. 0 counts \
                direct ones only. Default 8.
                """),
        ])

    private static let ids = Shape(
        "directory_ids", "Which numeric ids are taken.",
        [
            .optional(
                "use", .oneOf(DirectoryTerms.IDs.Use.allCases.map(\.rawValue)),
                "`required` (the default): who has none is refused. `optional`. `none`: they are not read."),
            .optional("min", .integer(1...DirectoryTerms.idMost), "The least that is taken. Default 1000."),
            .optional(
                "max", .integer(1...DirectoryTerms.idMost),
                "The greatest that is taken. Default 2147483647; 65534 and 65535 never are."),
            .optional("shared", .flag, "Two entries may have one uid. Default `false`: neither gets a server."),
            .optional("uid_attribute", .name(.attribute), "Default `uidNumber`."),
            .optional("gid_attribute", .name(.attribute), "Of people and groups. Default `gidNumber`."),
        ])
}

/// What a site's entries look like.
enum DirectorySchema: String, CaseIterable {
    case rfc2307
    case rfc2307bis
    case activeDirectory = "active-directory"
}
