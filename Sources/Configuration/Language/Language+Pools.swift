// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Language {
    static let pool = Shape(
        "pool", "Interchangeable GPU capacity.",
        [
            .required(
                "mode", .oneOf(["whole", "mig", "shared"]),
                "Given as whole cards, as MIG instances, or as memory shares of a card or MIG instance."),
            .optional(
                "backend", .either([.text, .list(of: .text, atLeast: 1)]),
                """
                How its GPUs are asked for: one of `backends` or \(BuiltInBackends.names.map { "`\($0)`" }.joined(separator: ", ")), \
                and those that stand beside it. Default `nvidia`, `mortalgpu` in mode `shared`.
                """),
            .optional("settings", .table(of: .text, keys: .word), "What its backends want to know, such as `queue`."),
            .optional("display_name", .text, "What users read. Default: the name."),
            .optional(
                "resource", .name(.qualified),
                "The resource that a pod asks for. Default `nvidia.com/gpu`, `nvidia.com/mig-…` in mode `mig`."
            ),
            .optional("mig_profile", .name(.migProfile), "In mode `mig`: the slices' shape."),
            .optional(
                "mig_layout", .oneOf(Pool.MIGLayout.allCases.map(\.rawValue)),
                """
                In mode `mig`: `static` (the default) gives the instances that the inventory's cards are split into. \
                `on_demand`: the pool's cards are split as servers come and go, by a backend with `mig_on_demand`; a card \
                can be in pools of several shapes, and of whole cards.
                """
            ),
            .optional("unit", .memory, "In mode `shared`: the memory behind one unit of the resource."),
            .optional(
                "units_per_device", .integer(1...100_000),
                """
                In mode `shared`, instead of `unit`: how many units the device plugin makes of one device. Beside it with \
                `inventory: {from: cluster}`, where nodes have no label that says it.
                """
            ),
            .optional(
                "overcommit_percent", .integer(100...1000),
                "In mode `shared`: limits may add up to this part of a device's memory. Default 100."),
            .optional("sharers_max", .integer(1...1000), "In mode `shared`: most shares on one device. Default 32."),
            .optional(
                "sharer_overhead", .memory,
                """
                In mode `shared`: what each share takes of a device's memory beside its own, as CUDA's context does. \
                Default: nothing.
                """),
            .optional(
                "policy", .oneOf(["pack", "spread"]),
                """
                In mode `shared`: `pack` (the default) fills the fullest card that has room; `spread` gives each share a \
                card of its own while there are any.
                """),
            .optional(
                "card_choice", .oneOf(["expected", "unknown"]),
                "In mode `shared`: who chooses the card, where that is not as its backend says."),
            .optional(
                "headroom", .integer(0...10_000),
                """
                In mode `shared`: so many cards that are empty and could be had whole stay so; no share opens one of them. \
                Default 0.
                """),
            .optional(
                "kept_open_for", .span,
                """
                In mode `shared`: how long a card stays with shares after its last one has ended, so that it does not go \
                to and fro. Up to 1d; default 0s.
                """),
            .optional(
                "limit_annotation", .shape(limitAnnotation),
                "In mode `shared`: the annotation by which the device plugin learns a share's limit."),
            .optional("node_selector", .table(of: .text, keys: .qualified), "Labels of the pool's nodes."),
            .optional("tolerations", .list(of: .object), "Kubernetes tolerations that the pool's nodes ask for."),
            .optional("runtime_class", .name(.id), "The runtime class that GPU pods need."),
            .optional(
                "waiting_list", .shape(waitingList), "Gives who does not fit a place in line. Default: refuses them."),
        ])

    static let limitAnnotation = Shape(
        "limit_annotation", "An annotation for a share's limit.",
        [
            .required("key", .name(.qualified), "The annotation's key."),
            .required("value", .text, "Its value; `{limit_mib}` or `${gpu.limit_mib}` stands for the limit in MiB."),
        ])

    static let inventory = Shape(
        "inventory", "The GPU cards that exist.",
        [
            .optional(
                "from", .oneOf(["file", "cluster"]),
                """
                `file` (the default): `nodes` lists them. `cluster`: Berth watches the cluster's nodes and pods; a card is \
                free when its pod is seen to be gone, and pods that nobody reserved count.
                """),
            .optional(
                "nodes", .table(of: .shape(node), keys: .id),
                """
                The nodes with GPUs, by their Kubernetes names. With `from: cluster`: what is known of their cards beyond \
                labels, such as UUIDs.
                """),
            .optional(
                "stale_after", .span,
                """
                With `from: cluster`: where nothing has been heard of the cluster for so long, no GPU is granted or freed. \
                20s to 10m; default 30s.
                """),
        ])

    static let node = Shape("node", "A node.", [.required("cards", .list(of: .shape(card)), "Its cards.")])

    static let card = Shape(
        "card", "A physical GPU.",
        [
            .required("uuid", .name(.id), "As `nvidia-smi -L` prints it."),
            .required("product", .text, "Its name, such as `NVIDIA A100 80GB PCIe`."),
            .required("memory", .memory, "Its memory, as `nvidia-smi` prints it."),
            .optional("pools", .list(of: .text), "The pools that may place on it; a card with `mig` has none itself."),
            .optional("mig", .list(of: .shape(migInstances), atLeast: 1), "The MIG instances that it is split into."),
        ])

    static let migInstances = Shape(
        "mig_instances", "MIG instances of one shape on a card.",
        [
            .required("profile", .name(.migProfile), "Their shape, such as `1g.10gb`."),
            .required("memory", .memory, "The memory of each."),
            .required("pools", .list(of: .text, atLeast: 1), "The pools that may place on them."),
            .optional("count", .integer(1...7), "How many. Default 1."),
            .optional(
                "ids", .list(of: .name(.free), atLeast: 1), "Their ids, such as MIG UUIDs. Default: made of the card's."
            ),
        ])
}
