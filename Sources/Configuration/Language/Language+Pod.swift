// SPDX-License-Identifier: Apache-2.0
import PodPatching
import SpawnModel

extension Language {
    private static let textTable = Kind.table(of: .text, keys: .qualified)

    static let pod = Shape(
        "pod", "What every pod gets.",
        [
            .optional("container", .name(.id), "The container that runs the server. Default `notebook`."),
            .optional(
                "security", .oneOf(PodSecurity.allCases.map(\.rawValue)),
                """
                `restricted`: the Pod Security Standard of that name on every container. A profile may say otherwise. \
                Default `as-the-hub-says`.
                """),
            .optional(
                "supplemental_groups", .oneOf(["replace", "keep"]),
                "What becomes of groups that came with the pod when the user's own are known. Default `replace`."),
            .optional(
                "strict_supplemental_groups", .flag,
                "Lets no image's /etc/group add a group; needs Kubernetes 1.33. Default false."),
            .optional(
                "fs_group", .oneOf(["keep", "remove"]),
                """
                What becomes of the pod's `fsGroup`, which changes the group of whole volumes. Default: `remove` where \
                the user's own ids are known, else `keep`.
                """),
            .optional(
                "claims_are_nfs", .flag,
                "Persistent volume claims are NFS: warns of what NFS cannot do. Default false."),
            .optional("lxcfs", .shape(lxcfs), "Files that show a container its own limits."),
            .optional(
                "environment", .table(of: .either([.text, .object]), keys: .variable),
                "Variables of the server's container: text, or Kubernetes' `{valueFrom: …}`."),
            .optional(
                "thread_count_variables", .list(of: .name(.variable)),
                "Variables that get the CPU limit, such as `OMP_NUM_THREADS`."),
            .optional("volumes", .list(of: .object), "Kubernetes volumes."),
            .optional("volume_mounts", .list(of: .object), "Mounts in the server's container."),
            .optional("volume_mounts_everywhere", .list(of: .object), "Mounts in every container."),
            .optional("node_selector", textTable, "Where servers run, unless a pool says otherwise."),
            .optional("tolerations", .list(of: .object), "Kubernetes tolerations; a pool's are added."),
            .optional("runtime_class", .name(.id), "The runtime class, unless a pool has its own."),
            .optional("priority_class", .name(.id), "The priority class."),
            .optional("labels", textTable, "Labels."),
            .optional("annotations", textTable, "Annotations."),
            .optional(
                "gpu_resource_prefixes", .list(of: .text),
                """
                Starts of resource names that only a reservation hands out; others' requests are taken away. \
                Default: `nvidia.com/` and the prefixes of all pools.
                """),
            .optional(
                "gpu_environment", .list(of: .name(.variable)),
                "Variables that only GPU profiles set; taken off a pod without a GPU."),
            .optional("sidecars", .shape(sidecars), "The containers that end a server and keep its token fresh."),
            .optional(
                "namespace_limits", .oneOf(PodTerms.LimitCheck.allCases.map(\.rawValue)),
                """
                What becomes of a hub's pod that a LimitRange or ResourceQuota of its namespace would refuse, counted \
                with Berth's own containers; needs `kubernetes` and the deployment's `namespace`. Default `warn`.
                """),
            .optional(
                "end_grace", .span,
                "How long a hub has to stop a server whose walltime is over, before Berth deletes its pod. Default 1m."),
            .optional("deadline_grace", .span, "How long after its walltime Kubernetes ends a pod. Default 5m."),
            .optional(
                "extension_max", .span,
                """
                How much longer than its walltime operators may let a pod run. Kubernetes ends every pod so much later, \
                since a pod's deadline can be lowered and never raised. Default: none, so that an extension is refused unless forced.
                """),
        ])

    static let lxcfs = Shape(
        "lxcfs", "LXCFS on the nodes.",
        [
            .optional("host_dir", .text, "Where it is mounted on nodes. Default `/var/lib/lxcfs`."),
            .optional(
                "files", .list(of: .text, atLeast: 1),
                "Files below it that stand in for the kernel's, such as `proc/meminfo`. Default: all that are usual."),
            .optional(
                "node_label", .text, "The label of nodes with LXCFS: a key, or `key=value`. Pods are kept to them."),
            .optional(
                "node_condition", .text,
                """
                The type of a node's condition that is true while its LXCFS works; needs `kubernetes`. Without a label, \
                every node that may take the pod must have it.
                """),
            .optional(
                "otherwise", .oneOf(PodTerms.LXCFS.Nodes.Otherwise.allCases.map(\.rawValue)),
                """
                What becomes of a pod that no node with LXCFS can take: it starts without, and an annotation says so, \
                or it is refused. Default `leave-out`.
                """),
            .optional(
                "host_paths_allowed", .flag,
                """
                Namespaces of restricted pods do not enforce that standard, which forbids the host paths by which \
                these files come: `berth check` need not warn. Default false.
                """),
            .optional(
                "runtime_allows", .list(of: .text, atLeast: 1),
                "What the container runtime lets a pod mount over. Default: what runc 1.1 allows."),
        ])

    static let sidecars = Shape(
        "sidecars", "The containers that Berth adds.",
        [
            .required("image", .text, "Berth's image."),
            .required("berth_url", .text, "Where they reach Berth, such as `http://berth.jupyter:8090`."),
            .optional("image_pull_policy", .oneOf(["Always", "IfNotPresent", "Never"]), "As in Kubernetes."),
            .optional(
                "native", .either([.flag, .oneOf(["auto"])]),
                """
                Init containers that keep running (Kubernetes 1.29 and later). Default `auto`: where the cluster that \
                `kubernetes` names has them.
                """),
            .optional("walltime_command", .list(of: .text), "Default `[berth, walltime]`; `[]` leaves it out."),
            .optional("token_command", .list(of: .text), "Default `[berth, token]`; `[]` leaves it out."),
            .optional(
                "warn_before", .list(of: .span),
                "How long before its end the user of a server is told. Default `[60m, 15m, 5m]`."),
            .optional("resources", .shape(sidecarResources), "Requests and limits of each."),
            .optional(
                "credential_secret", .text,
                "The Secret with their credential; `{reservation_id}` is replaced. Default `berth-{reservation_id}`."),
            .optional("credential_key", .text, "Its key in that Secret. Default `token`."),
        ])

    static let sidecarResources = Shape(
        "sidecar_resources", "Kubernetes quantities.",
        [
            .optional("cpu_request", .text, "Default `10m`."),
            .optional("cpu_limit", .text, "Default `100m`."),
            .optional("memory_request", .text, "Default `32Mi`."),
            .optional("memory_limit", .text, "Default `64Mi`."),
        ])
}
