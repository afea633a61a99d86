// SPDX-License-Identifier: Apache-2.0
import Identity

extension Language {
    static let lookUp = Shape(
        "lookup", "A service that is asked about users over HTTP; its JSON answer becomes a claim.",
        [
            .required("name", .name(.variable), "The claim that holds the answer."),
            .required(
                "url", .text,
                """
                Where it is asked, such as `https://hr.example.org/people/{user}`. `{user}`, `{deployment}` and \
                claims (`{claims.project}`) may stand in path and query, where nothing in them has a meaning.
                """),
            .optional(
                "method", .oneOf(LookUpTerms.Method.allCases.map(\.rawValue)),
                "`GET` (the default), or `POST` with `{\"user\": …, \"deployment\": …}`."),
            .optional("token_file", .file, "A file with a token to send as `Authorization: Bearer`."),
            .optional(
                "user_token", .oneOf(LookUpTerms.UsersToken.allCases.map(\.rawValue)),
                """
                Send the user's own access token instead: `proven` takes it from hubs under `trust: token` only, \
                `as_sent` also from hubs under `trust: auth_state`. It goes to this URL's host alone, and never in \
                clear text.
                """),
            .optional("when", .rule, "Who is asked about, by what claims and hub say. Default: everyone."),
            .optional("timeout", .span, "For the whole of it, 30s at most. Default 3s."),
            .optional("kept", .span, "How long an answer stands, 1h at most. Default 1m."),
            .optional(
                "on_failure", fallback,
                """
                What an answer is worth that does not come: `refuse` (the default), `unknown`: rules that need it do \
                not allow, or `{value: …}`.
                """),
            .optional("on_not_found", fallback, "The same for the answer 404. Default: as `on_failure` says."),
            .optional("allow_http", .flag, "Take `http://` to other machines: answers and token go in clear text."),
        ])

    private static let fallback = Kind.either([.oneOf(["refuse", "unknown"]), .shape(fallbackValue)])

    private static let fallbackValue = Shape(
        "lookup_value", "What stands for the answer.", [.required("value", .anything, "The claim's value then.")])
}
