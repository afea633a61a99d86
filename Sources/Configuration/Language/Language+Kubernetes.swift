// SPDX-License-Identifier: Apache-2.0

extension Language {
    static let kubernetes = Shape(
        "kubernetes",
        "The cluster in which Berth reads and makes objects. `{}` in a pod: its own, as its service account.",
        [
            .optional(
                "kubeconfig", .file,
                "A kubeconfig with a token or a client certificate, readable by Berth only, instead of the pod's own."),
            .optional("context", .text, "The context of it that counts. Default: its `current-context`."),
            .optional(
                "service_account", .flag,
                "`true`: Berth is its pod's service account, which is the default where there is no `kubeconfig`."),
        ])
}
