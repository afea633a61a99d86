// SPDX-License-Identifier: Apache-2.0

extension Language {
    static let backend = Shape(
        "backend",
        """
        How GPUs are asked for in a pod. Values may hold `${gpu.…}` (a fact of the pod's GPU) and `${pool.…}` (the \
        pool's `resource` or one of its `settings`); an entry whose fact a pod does not have is left out.
        """,
        [
            .optional(
                "modes", .list(of: .oneOf(["whole", "mig", "shared"]), atLeast: 1),
                "The modes of pools that it can give. Default: all."),
            .optional(
                "beside", .flag,
                "`true`: it gives no GPU, and stands beside another backend, as a queue does. Default false."),
            .optional("resource", .name(.qualified), "The `resource` of pools that name none."),
            .optional(
                "resources", .table(of: .text, keys: .free),
                "Resources of the server's container, requests and limits alike."),
            .optional("annotations", .table(of: .text, keys: .free), "Annotations of the pod."),
            .optional(
                "asks_by", .list(of: .text),
                "Those of the annotations that ask for a GPU: nobody else's pod may have them."),
            .optional("labels", .table(of: .text, keys: .free), "Labels of the pod."),
            .optional(
                "environment", .table(of: .text, keys: .variable), "Environment variables of the server's container."),
            .optional("scheduler", .text, "The scheduler that such pods need."),
            .optional("runtime_class", .name(.id), "The runtime class of pools that name none."),
            .optional(
                "claims", .table(of: .text, keys: .object),
                "Resource claims of the server's container, by name: the ResourceClaimTemplate of each. One a device."),
            .optional(
                "one_unit", .flag,
                "`true`: a server gets one unit whatever it asks for, so that no more can be asked for. Default false."),
            .optional(
                "measured_by", .list(of: .name(.id)),
                "The exporters that measure its GPUs, the first that tells before the next. Default: none."),
            .optional(
                "splits_over_cards", .flag,
                "`true`: the device plugin may take one share from several cards, so that a node's sum decides."),
            .optional(
                "excludes", .list(of: .text),
                """
                Backends that cannot give the cards that this one gives, as a node is set up for one of them: no card is in \
                pools of both. It holds both ways.
                """),
            .optional(
                "card_choice", .oneOf(["expected", "unknown"]),
                """
                Who chooses a share's card of a node. `expected`: Berth, as the pod names the card, or a device plugin that \
                chooses as Berth does. `unknown` (the default): the plugin, by a rule of its own; a share is then granted \
                where it fits for certain, wherever the others are.
                """),
            .optional(
                "mig_on_demand", .flag,
                "`true`: it makes MIG instances when pods ask for them, as `mig_layout: on_demand` needs it. Default false."
            ),
        ])
}
