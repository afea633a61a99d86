// SPDX-License-Identifier: Apache-2.0

extension Language {
    static let hubAPI = Shape(
        "hub_api", "A hub's REST API, as Berth reaches it.",
        [
            .required("url", .text, "Such as `http://hub:8081/hub/api`."),
            .optional(
                "token_file", .file,
                """
                A file with Berth's own token there, readable by Berth only: that of a service of the hub with the \
                scopes `delete:servers` to stop servers whose time is over, `list:users` and `read:servers` where \
                servers have an `idle` limit, and `admin:auth_state` where profiles have a `token`.
                """),
            .optional("token_env", .name(.variable), "The environment variable that holds the token instead."),
        ])
}
