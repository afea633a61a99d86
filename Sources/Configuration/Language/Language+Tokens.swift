// SPDX-License-Identifier: Apache-2.0
import Identity

extension Language {
    /// What an issuer's entry says of its tokens, for deployments with `trust: token`.
    static let tokenKeys: [Key] = [
        .optional(
            "algorithms", .list(of: .oneOf(SigningAlgorithm.all.map(\.rawValue)), atLeast: 1),
            """
            The signatures that count, crossed with what each key is for. Default: all of these; what the issuer says \
            of itself never counts.
            """),
        .optional(
            "tokens", .either([.oneOf(ways), .list(of: .oneOf(ways), atLeast: 1)]),
            """
            How tokens are read. `verify` (the default): by their signature. `introspect`: the issuer is asked about \
            each (RFC 7662). `userinfo`: the issuer's userinfo endpoint is asked with it. `[verify, introspect]` asks \
            only about tokens that are opaque or say too little.
            """),
        .optional("client_id", .text, "Who Berth is to the issuer; also what an ID token's `azp` must be."),
        .optional(
            "client_secret_file", .file, "A file with the client's secret, for `introspect`; readable by Berth only."),
        .optional(
            "client_secret_by", .oneOf(ClientCredentials.Method.allCases.map(\.rawValue)),
            "How the secret is shown: `basic` (the default) in the header, `post` in the form."),
        .optional(
            "exchange", .shape(exchange),
            """
            Have users' access tokens exchanged for ones that are for a profile's `token.audience` alone (RFC 8693). \
            Where the issuer gives none, no token is handed over.
            """),
        .optional("keys", .shape(keyTimes), "How long the issuer's keys count."),
        .optional(
            "clock_skew", .span, "How far clocks may differ for `nbf` and `iat`, 5m at most; none at `exp`. Default 1m."
        ),
        .optional(
            "answers_kept", .span,
            "How long the issuer's answer about a token stands before it is asked again, 1h at most. Default 1m."),
    ]

    private static let ways = TokenWay.allCases.map(\.rawValue)

    private static let exchange = Shape(
        "token_exchange", "Who Berth is to the issuer's token endpoint.",
        [
            .required("client_id", .text, "A client that may exchange tokens of the hub's for the audiences."),
            .required("client_secret_file", .file, "A file with the client's secret, readable by Berth only."),
            .optional(
                "client_secret_by", .oneOf(ClientCredentials.Method.allCases.map(\.rawValue)),
                "How the secret is shown: `basic` (the default) in the header, `post` in the form."),
        ])

    private static let keyTimes = Shape(
        "key_times", "How long an issuer's keys count.",
        [
            .optional("refresh", .span, "After it they are read again, and used meanwhile. Default 6h, at least 1m."),
            .optional(
                "keep", .span,
                "How long they count while the issuer does not answer; then none of its tokens does. Default 2d."),
            .optional(
                "cooldown", .span,
                "Between two readings because a token names a key that is not known. Default 30s, at least 5s."),
        ])
}
