// SPDX-License-Identifier: Apache-2.0

/// The language of the configuration, one shape a mapping. Whoever adds a key adds it here, reads it in the section's
/// `Reading+….swift`, and renews the schema (Tests/ConfigurationTests/SchemaTests.swift says how).
enum Language {
    static let site = Shape(
        "site", "A Berth configuration.",
        [
            .optional(
                "include", .either([.file, .list(of: .file)]),
                """
                Further files, relative to this one. Their lists are added behind this file's, their mappings beside \
                its; a single value may stand in one file only.
                """),
            .optional(
                "listen", .either([.text, .list(of: .text, atLeast: 1)]),
                "Where Berth listens: `127.0.0.1:8090`, `[::1]:8090` or `unix:/run/berth.sock`. Default 127.0.0.1:8090."
            ),
            .optional("tls", .shape(tls), "Where Berth listens for TLS, besides."),
            .required("ledger", .shape(ledger), "Where reservations are kept."),
            .required(
                "deployments", .table(of: .shape(deployment), keys: .id),
                "The hubs that may ask, by the name that rules, logs and metrics use."),
            .optional("identity", .shape(identity), "How claims become a user's roles, groups and entitlements."),
            .optional(
                "directory", .shape(directory), "An LDAP directory that is asked about users and their groups."),
            .optional("lookups", .list(of: .shape(lookUp)), "Services that are asked about users over HTTP."),
            .optional(
                "kubernetes", .shape(kubernetes), "The cluster in which Berth reads and makes objects. Default: none."),
            .optional("images", .list(of: .shape(image)), "Images that profiles offer by id."),
            .optional("pools", .table(of: .shape(pool), keys: .id), "Interchangeable GPU capacity, by name."),
            .optional(
                "backends", .table(of: .shape(backend), keys: .id),
                "Further ways in which pools' GPUs are asked for, by name. One of a known name stands in its place."),
            .optional("inventory", .shape(inventory), "The GPU cards that exist, or that a cluster tells of them."),
            .optional(
                "measured_use", .shape(measuredUse),
                "Who tells what GPUs are really used for, for operators to see. Default: nobody."),
            .optional("quotas", .shape(quotas), "How much GPU users, groups, hubs and pools may have."),
            .required(
                "profiles",
                .either([.list(of: .shape(profile), atLeast: 1), .table(of: .shape(profile), keys: .free)]),
                "KubeSpawner's profile list, with what Berth adds. A mapping is taken in the order of its keys."),
            .optional(
                "base", .object,
                "KubeSpawner's traits where a profile does not set them, so that nothing of an earlier start stays."),
            .optional(
                "rules", .list(of: .shape(siteRule)),
                "What is so for some of all users; all that hold apply, from top to bottom."),
            .optional("maps", .table(of: .shape(map), keys: .word), "Tables that `${maps.…}` looks into, by name."),
            .optional(
                "calls", .table(of: .shape(call), keys: .word),
                "Other programs that are asked before some starts, and told of the stop."),
            .optional("nothing_allowed", .shape(nothingAllowed), "What is said when nothing is allowed."),
            .optional("pod", .shape(pod), "What every pod gets."),
            .optional("seal", .shape(seal), "The key that ties pods to their reservations."),
            .optional("admission", .shape(admission), "The Kubernetes API server, which asks about pods."),
            .optional("admin", .shape(admin), "Who may look at and change a running Berth. Default: nobody."),
            .optional("limits", .shape(limits), "Bounds of the HTTP server."),
            .optional("contact", .text, "Whom a refused user can ask, such as jupyter-support@example.org."),
            .optional("log", .shape(log), "What is logged."),
        ])

    static let ledger = Shape(
        "ledger", "The ledger of GPU reservations: `path` or `postgres`.",
        [
            .optional(
                "path", .file,
                "The SQLite file, for one Berth; it is created when missing. Its folder must exist."),
            .optional("postgres", .shape(postgres), "A PostgreSQL database instead, for one Berth or several at once."),
            .optional(
                "journal_kept", .span,
                """
                How long single sessions are remembered after their end, 92d at least; daily sums of usage stay for \
                good. Default 400d.
                """),
            .optional("audit_kept", .span, "How long operators' changes are remembered, 1d at least. Default 1830d."),
        ])

    static let postgres = Shape(
        "postgres", "A PostgreSQL database (12 or newer, in UTF-8). Berth keeps to the schema `berth` in it.",
        [
            .required(
                "connection", .text,
                "How to reach it, in libpq's words but without a password: `host=db1,db2 dbname=berth user=berth "
                    + "sslmode=verify-full`. Of several hosts the one is used that takes writes."),
            .optional("password_file", .file, "A file with the password in its first line, readable by Berth only."),
        ])

    static let deployment = Shape(
        "deployment", "One hub.",
        [
            .optional(
                "hook_token_file", .file,
                "A file with the token that this hub presents to Berth: at least 16 characters, readable by Berth only."
            ),
            .optional("hook_token_env", .name(.variable), "The environment variable that holds the token instead."),
            .optional(
                "trust", .oneOf(Deployment.Trust.allCases.map(\.rawValue)),
                """
                `token`: claims are taken from a token in the auth state, once it is proven. `auth_state`: they are \
                taken from the auth state as the hub sends it. `none` (the default): they are not, and rules see the \
                user's name and hub groups only.
                """),
            .optional(
                "user_auth_state_key", .text,
                """
                The member of the auth state that holds the claims, or `.` for the auth state as a whole, with names \
                such as `oauth_user.groups`; tokens in it are dropped. Default `oauth_user`.
                """),
            .optional(
                "token_auth_state_key", .text,
                """
                The member of the auth state that holds the token, for `trust: token`. Default `access_token`; \
                `id_token` is read as an ID token.
                """),
            .optional("issuer", .text, "The issuer under `identity` whose mapping applies. Default: the only one."),
            .optional(
                "check_username", .flag,
                """
                `false` for a hub that names people otherwise than the issuer's `username` says, such as by numbers; \
                claims are then not held against the hub's name. Default `true`.
                """),
            .optional("namespace", .name(.id), "The Kubernetes namespace of this hub's servers."),
            .optional(
                "start_timeout", .span,
                "How long a start may take at this hub: an unused reservation lapses after it. Default 10m."
            ),
            .optional(
                "hub_api", .shape(hubAPI),
                "The hub's REST API: asked for users' access tokens, and about operators' for `admin.hub_tokens`."),
        ])

    static let limits = Shape(
        "limits", "Bounds of the HTTP server; each has a default.",
        [
            .optional("header_bytes", .integer(1024...1_048_576), "Most bytes of a request's header."),
            .optional("header_count", .integer(8...1024), "Most fields of a request's header."),
            .optional("body_bytes", .integer(1024...67_108_864), "Most bytes of a request's body."),
            .optional("handshake_timeout", .span, "Longest time for a connection to agree on TLS."),
            .optional("header_timeout", .span, "Longest wait for a request's header."),
            .optional("body_timeout", .span, "Longest wait for a request's body."),
            .optional("request_timeout", .span, "Longest time for a whole request to arrive."),
            .optional("idle_timeout", .span, "How long a kept connection may be silent."),
            .optional("write_timeout", .span, "Longest wait for a peer to read an answer."),
            .optional("connections_max", .integer(1...100_000), "Most connections at one time."),
        ])

    static let log = Shape(
        "log", "What is logged.",
        [
            .optional(
                "level", .oneOf(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
                "The least severe level that is written. Default `info`.")
        ])
}
