// SPDX-License-Identifier: Apache-2.0

extension Language {
    private static let roles = AdminRole.allCases.map(\.rawValue)

    static let admin = Shape(
        "admin", "Who may use `/v1/admin/…`: viewers look, operators change what runs, admins change Berth.",
        [
            .optional("tokens", .list(of: .shape(adminToken), atLeast: 1), "Tokens from files."),
            .optional(
                "hub_tokens", .shape(hubTokens),
                "Tokens of JupyterHub that have the scope `custom:berth:viewer`, `…:operator` or `…:admin`."),
            .optional("issuer_tokens", .shape(issuerTokens), "Tokens of an identity provider, by a role in them."),
        ])

    private static let adminToken = Shape(
        "admin_token", "One token and whose it is.",
        [
            .required("name", .name(.id), "Whose it is, in the log and the audit."),
            .required("role", .oneOf(roles), "What it may do."),
            .required("token_file", .file, "A file with the token: at least 16 characters, readable by Berth only."),
        ])

    private static let hubTokens = Shape(
        "admin_hub_tokens", "Whose hubs are asked about a token that is none from a file.",
        [
            .required(
                "deployments", .list(of: .text, atLeast: 1),
                "The deployments; each has its `hub_api`, which is asked with the token itself.")
        ])

    private static let issuerTokens = Shape(
        "admin_issuer_tokens", "Which of an identity provider's roles give which role here.",
        [
            .required("issuer", .text, "One under `identity.issuers`, with `roles` and `audiences`."),
            .required("roles", .shape(issuerRoles), "At least one."),
        ])

    private static let issuerRoles = Shape(
        "admin_issuer_roles", "The user's roles for each role here.",
        roles.map { .optional($0, .either([.text, .list(of: .text, atLeast: 1)]), "Whoever has one of these.") })
}
