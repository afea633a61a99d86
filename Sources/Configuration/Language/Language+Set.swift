// SPDX-License-Identifier: Apache-2.0

extension Language {
    static let set = Shape(
        "set", "What becomes different. Texts may hold `${…}`; README.md says how values merge.",
        [
            .optional("server", .object, "The container that runs the server, in Kubernetes' words."),
            .optional(
                "containers", .table(of: .object, keys: .container),
                "Containers and init containers by name; `*` is every one. One that the pod lacks is an error."),
            .optional("pod", .shape(podFields), "The pod, in Kubernetes' words."),
            .optional("spawner", .object, "KubeSpawner's traits."),
            .optional(
                "objects", .table(of: .shape(object), keys: .object), "Kubernetes objects beside the pod, by name here."
            ),
            .optional("walltime", spanChange, mayBeNull: true, "The most that a server may run; null for no limit."),
            .optional("idle", spanChange, mayBeNull: true, "How long it may be unused; null for no limit."),
        ])

    static let podFields = Shape(
        "pod_fields", "The parts of a pod that may be set.",
        [
            .optional("metadata", .shape(podMetadata), "Labels and annotations."),
            .optional("spec", .object, "The pod's `spec`."),
        ])

    static let podMetadata = Shape(
        "pod_metadata", "The parts of a pod's metadata that may be set.",
        [
            .optional("labels", .object, "Labels; null takes one away."),
            .optional("annotations", .object, "Annotations; null takes one away."),
        ])

    static let object = Shape(
        "object", "A Kubernetes object beside the pod.",
        [
            .optional(
                "lifetime", .oneOf(["session", "user", "keep"]),
                "`session`: deleted when the server stops. `user`: kept for the user. `keep`: kept. Default `session`."),
            .optional("manifest", .object, "The object: `apiVersion`, `kind` and content. Berth names and labels it."),
        ])

    private static let spanChange = Kind.either([.span, .shape(spanWord)])

    static let spanWord = Shape(
        "span_change", "What becomes of a span: one of these.",
        [
            .optional("$min", .span, "Lowers only."),
            .optional("$max", .span, "Raises only."),
            .optional("$default", .span, "Only where nothing is said."),
        ])

    static let siteRule = Shape(
        "site_rule", "What is so for some, in all their starts. All rules that hold apply, from top to bottom.",
        [
            .optional("name", .name(.id), "For messages. Default: `rule-` and its place."),
            .optional("when", .rule, "Whom, and of which starts. Default: everyone."),
            .optional("priority", .integer(-1000...1000), "The higher, the later it applies. Default 0."),
            .optional("exclusive", .name(.id), "Of the rules with this word that hold, only the strongest applies."),
            .optional("for_each", .shape(forEach), "Applies `set` once for each match."),
            .optional("set", .shape(set), "What becomes different."),
            .optional("grant", .shape(granted), "What the user counts as besides, in this file."),
            .optional("refuse", .text, "Refuses the start, with this text for the user."),
        ])

    static let granted = Shape(
        "granted", "What a user counts as besides.",
        [
            .optional("admin", .flag, "An administrator."),
            .optional("roles", .list(of: .text), "Has these roles."),
            .optional("groups", .list(of: .text), "Is in these groups."),
            .optional("entitlements", .list(of: .text), "Has these entitlements."),
            .optional("exempt", .flag, "Every `allow` is met."),
        ])

    static let forEach = Shape(
        "for_each", "What a rule is applied once for: one of `group`, `role`, `entitlement` and `claim`.",
        [
            .optional("group", .text, "Groups of this form; `{name}` is one or more characters without `/`."),
            .optional("role", .text, "Roles of this form."),
            .optional("entitlement", .text, "Entitlements of this form."),
            .optional("claim", claimPath, "Each element of the list at this path."),
            .optional("where", .rule, "Only elements of the claim that meet this; its claims start at the element."),
        ])

    static let map = Shape(
        "map", "A table with a row for each key.",
        [
            .required("key", .text, "Which row: text with `${…}`, such as `${user.name}`."),
            .required("rows", .table(of: .anything, keys: .free), "The rows, by key."),
            .optional("default", .anything, "The row for all others. Default: none."),
        ])

    static let call = Shape(
        "call", "Another program that prepares something for servers.",
        [
            .required("url", .text, "Where it is asked, by POST."),
            .optional("token_file", .file, "A file with the token that Berth presents; readable by Berth only."),
            .optional("when", .rule, "For which starts. Default: all."),
            .optional("timeout", .span, "How long Berth waits for it. Default 3s."),
            .optional(
                "on_failure", .oneOf(["refuse", "ignore"]),
                "What becomes of a start without its answer. Default `refuse`."),
        ])

    static let nothingAllowed = Shape(
        "nothing_allowed", "What somebody is told for whom nothing is allowed.",
        [
            .optional("message", .text, "What they read. Default: whom to ask, from `contact`."),
            .optional("entry", .text, "The title of an entry on the form that only explains. Default: no form."),
        ])

    static let numberRange = Shape(
        "number_range", "A range of numbers with at most three decimals.",
        [
            .required("min", .anything, "The smallest."),
            .required("max", .anything, "The largest."),
            .optional("step", .anything, "Numbers are `min` and whole steps above it. Default 1."),
        ])

    static let needs = Kind.table(of: .either([.text, .list(of: .text, atLeast: 1)]), keys: .free)
}
