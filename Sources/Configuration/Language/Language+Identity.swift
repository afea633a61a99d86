// SPDX-License-Identifier: Apache-2.0

extension Language {
    static let identity = Shape(
        "identity", "How claims become a user's roles, groups and entitlements.",
        [
            .optional(
                "issuers", .list(of: .shape(issuer), atLeast: 1),
                "One entry an identity provider. Not needed where only hubs, a directory and look-ups say who users are."
            ),
            .optional(
                "pseudonym_key_file", .file,
                "A file with the key of `${user.pseudonym}`: 16 bytes or more, readable by Berth only."),
            .optional("compare", .shape(compare), "How names are compared, in claims and rules alike."),
            .optional(
                "ca_file", .file,
                """
                Certificates in PEM that issuers' own must be signed by, instead of the system's, and those of look-ups. \
                For `trust: token`.
                """
            ),
        ])

    private static let compare = Shape(
        "compare", "How names of each kind are compared.",
        [
            .optional("roles", .shape(nameForm), "How roles are compared."),
            .optional("groups", .shape(nameForm), "How groups are compared, the hub's own among them."),
            .optional("entitlements", .shape(nameForm), "How entitlements are compared."),
        ])

    private static let nameForm = Shape(
        "name_form", "How names of one kind are compared; as they are written, unless this says otherwise.",
        [
            .optional(
                "case", .oneOf(["exact", "fold"]), "`fold`: capitals and small letters are one. Default `exact`."),
            .optional(
                "path", .oneOf(["full", "leaf"]),
                "`leaf`: only the part behind the last slash, so that /a/x and /b/x are one. Default `full`."),
        ])

    static let issuer = Shape(
        "issuer", "One identity provider.",
        [
            .required("issuer", .text, "Its issuer URL, as in the `iss` claim."),
            .optional("audiences", .list(of: .text), "Who claims must be for, where they have `aud`; any of these."),
            .optional(
                "username", .either([.text, .list(of: .text, atLeast: 1), .shape(username)]),
                "The claim that says what the hub must call the user. Claims of another name are refused."),
            .optional("roles", sources, "Claims whose values are roles; all of them are joined."),
            .optional("roles_ignored", .list(of: .text), "Roles that everybody has, such as `offline_access`."),
            .optional("groups", sources, "Claims whose values are groups; the hub's own groups are added."),
            .optional("entitlements", sources, "Claims whose values are entitlements."),
            .optional("uid", claimPath, "The claim with the numeric user id; with `gid`."),
            .optional("gid", claimPath, "The claim with the numeric group id; with `uid`."),
            .optional("supplemental_groups", claimPath, "The claim with further numeric group ids."),
        ] + tokenKeys)

    private static let username = Shape(
        "username", "What the hub calls a user, told from the claims.",
        [
            .optional("claim", claimPath, "The claim with the name."),
            .optional(
                "claims", .list(of: claimPath, atLeast: 2),
                "Several claims that only together name a person, such as Entra's `tid` and `oid`."),
            .optional("joined_by", .text, "What stands between the values of `claims`."),
            .optional(
                "case", .oneOf(["exact", "fold"]),
                "`exact` for hubs that keep capitals. Default `fold`, since JupyterHub makes names small."),
            .optional(
                "domain", .text,
                "The hub's name is what stands before @ and this domain; people of other domains are refused."),
        ])

    /// A path where the claim is a list of names or one name; a mapping where it is something else.
    private static let sources = Kind.list(of: .either([.text, .list(of: .text, atLeast: 1), .shape(source)]))

    private static let source = Shape(
        "source", "A claim, and how names stand in it.",
        [
            .required("claim", claimPath, "The claim to read."),
            .optional("split", .text, "The sign between names in one text, such as `,`; a list is taken as it comes."),
            .optional(
                "each", claimPath,
                """
                Where each object of a list has its name, from its own members on; with `joined_by`, a list of \
                several that together are the name.
                """),
            .optional("joined_by", .text, "What stands between the values of `each`."),
            .optional(
                "where", .object,
                "With `each`: what the same object must say, member by member; a list means any of its values."),
            .optional(
                "as", .oneOf(["aarc", "wlcg", "scoped"]),
                """
                `aarc`: entitlements by AARC-G069 and G002. `wlcg`: groups of `wlcg.groups`, or capabilities of \
                `scope`. `scoped`: values such as member@example.org.
                """),
            .optional(
                "namespaces", .list(of: .text, atLeast: 1),
                "With `as: aarc`: the namespaces that count, such as `urn:geant:example.de`; others are passed over."),
            .optional(
                "authorities", .list(of: .text, atLeast: 1),
                "With `as: aarc`: who must have said so, behind `#`. Default: anybody, also nobody."),
            .optional(
                "imply_parents", .flag, "With `as: aarc`: members of a subgroup are members of the groups around it."),
            .optional(
                "scopes", .list(of: .text, atLeast: 1), "With `as: scoped`: organisations whose values count."),
            .optional(
                "scope_claim", claimPath,
                "With `as: scoped`: the claim with the organisation whose values count, such as schac_home_organization."
            ),
        ])
}
