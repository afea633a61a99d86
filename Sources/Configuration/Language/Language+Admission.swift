// SPDX-License-Identifier: Apache-2.0

extension Language {
    static let tls = Shape(
        "tls", "Where Berth speaks TLS, and with which certificate. Its files are read again when they change.",
        [
            .required(
                "listen", .either([.text, .list(of: .text, atLeast: 1)]),
                "The addresses, such as `0.0.0.0:8443`; others than those of `listen`."),
            .required(
                "certificate_file", .file, "Berth's certificate in PEM, then those between it and its authority."),
            .required("key_file", .file, "The certificate's key in PEM, without a password; readable by Berth only."),
            .optional(
                "client_ca_file", .file,
                "The authorities that clients' certificates must be signed by. Without it no client is asked for one."),
            .optional(
                "client_certificates", .oneOf(["optional", "required"]),
                "Whether a client without a certificate is turned away. Default `optional`."),
        ])

    static let seal = Shape(
        "seal", "The key that ties pods to their reservations.",
        [
            .required(
                "key_file", .file, "A file with at least 32 characters at random, the same for all of Berth's replicas."
            ),
            .optional("previous_key_file", .file, "The key before, whose seals still count."),
        ])

    static let admission = Shape(
        "admission", "The webhook that the Kubernetes API server asks about pods.",
        [
            .optional(
                "client_names", .list(of: .text, atLeast: 1),
                "Names in client certificates that may ask. Default: all that `tls.client_ca_file` vouches for."),
            .optional(
                "path_secret_file", .file,
                "A file with a secret that ends the path of the webhook's URL, in place of a certificate."),
            .optional(
                "unsealed", .oneOf(["refuse", "audit"]),
                "What becomes of pods that ask for a GPU without a reservation of theirs. Default `refuse`."),
            .optional(
                "timeout", .span,
                "Berth answers within this; shorter than the webhook's `timeoutSeconds`. Default 5s, at most 25s."),
        ])
}
