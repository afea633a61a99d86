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
                scope `admin:auth_state`. Needed where profiles have a `token`.
                """),
            .optional("token_env", .name(.variable), "The environment variable that holds the token instead."),
        ])
}
