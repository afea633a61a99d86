// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Language {
    private static let allow = Key.optional("allow", .rule, "Who may have it. Default: everyone.")
    private static let override = Key.optional(
        "kubespawner_override", .object, mayBeNull: true, "KubeSpawner's traits that this sets.")

    private static let change = Key.optional("set", .shape(set), "What becomes different where this is chosen.")
    private static let hidden = Key.optional(
        "hidden", .flag, "Not listed and never the default; whoever may have it can name it. Default false.")
    private static let need = Key.optional(
        "needs", needs, "Valid only while these other options of the profile have one of these values.")

    static let profile = Shape(
        "profile", "One entry of KubeSpawner's profile list.",
        [
            .required("display_name", .text, "What the form shows."),
            .optional(
                "slug", .name(.id),
                "Its id in forms and saved options. Default: made of `display_name`, as KubeSpawner does."),
            .optional("description", .text, mayBeNull: true, "A sentence below the name."),
            .optional("default", .flag, "Chosen unless the user chooses. Default: the first profile."),
            override,
            .optional(
                "profile_options", .table(of: .shape(option), keys: .free), mayBeNull: true,
                "What the user may vary, by key."),
            allow, change, hidden,
            .optional(
                "images", .list(of: .name(.id), atLeast: 1), "Ids of images, in the order in which they are offered."),
            .optional("custom_image", .shape(customImage), "Lets the user type an image."),
            .optional("gpu", .shape(gpu), "The GPU that servers get: one offer, or `choices`."),
            .optional("walltime", .either([.span, .shape(walltime)]), "How long a server may run. Default: no limit."),
            .optional(
                "idle", .span,
                """
                How long it may be unused before it is stopped: nobody at work by the hub's word, and its GPU at rest by \
                `measured_use`. Best 5m or more. Default: no limit.
                """),
            .optional(
                "token", .either([.shape(token), .list(of: .shape(token), atLeast: 1)]),
                """
                The access tokens that the server's programs get, one or several: each for an audience and in a file \
                of its own. Programs look for the first (`BEARER_TOKEN_FILE`).
                """),
            .optional(
                "security", .oneOf(PodSecurity.allCases.map(\.rawValue)),
                "What its pods' containers may do. Default: what `pod.security` says."),
            .optional("lxcfs", .flag, "Whether its pods get LXCFS's files, where `pod.lxcfs` is there. Default true."),
            .notYet(
                "priority", "Who goes first.", instead: "Leave it out: this version serves in the order of asking."),
            .notYet(
                "max_servers", "Most servers of this profile.",
                instead: "Leave it out: this version does not count servers."),
        ])

    static let option = Shape(
        "profile_option", "What the user may vary in a profile.",
        [
            .optional("display_name", .text, "What the form shows. Default: the key."),
            .optional(
                "choices", .table(of: .shape(choice), keys: .free), "The values, by id, in the order of the form."),
            .optional("unlisted_choice", .shape(unlistedChoice), "Lets the user type a value."),
            allow, need,
        ])

    static let choice = Shape(
        "choice", "One value of an option.",
        [
            .optional("display_name", .text, "What the form shows. Default: the id."),
            .optional("default", .flag, "Chosen unless the user chooses. Default: the first choice."),
            override, allow, change, hidden, need,
        ])

    private static let typed: [Key] = [
        .optional("display_name", .text, "The label of the text field."),
        .optional("display_name_in_choices", .text, "Its entry among the choices. Default `Other...`."),
        .optional("validation_regex", .text, "What the whole text must match."),
        .optional("validation_message", .text, "What the user reads when it does not."),
        .optional("kubespawner_override", .object, mayBeNull: true, "Traits to set; `{value}` stands for the text."),
        .optional("set", .shape(set), "What becomes different; `${value}` stands for what was typed."),
        allow,
    ]

    static let unlistedChoice = Shape(
        "unlisted_choice", "A value that the user types.",
        [
            .optional("enabled", .flag, "Default false, as in KubeSpawner."),
            .optional("number", .shape(numberRange), "The text is a number of this range."),
        ] + typed)

    static let customImage = Shape("custom_image", "An image that the user types.", typed)

    static let image = Shape(
        "image", "An image that profiles may offer.",
        [
            .required("id", .name(.id), "What `images:` of a profile says."),
            .required("image", .text, "Registry, repository and tag or digest."),
            .optional("display_name", .text, "What the form shows. Default: the id."),
            .optional("default", .flag, "Chosen unless the user chooses, where a profile offers it."),
            override, allow, change, hidden,
        ])

    static let walltime = Shape(
        "walltime", "How long a server may run.",
        [
            .optional("default", .span, "What a server gets unasked. Default: `max`."),
            .optional("max", .span, "The most that the user may ask for. Default: `default`."),
            .optional(
                "extend", .shape(extend),
                """
                What users may add to it by themselves while the server runs, unless others wait for its GPU or a quota \
                is used up. Default: nothing.
                """),
        ])

    static let extend = Shape(
        "extend", "What users may add to the walltime of a server that runs.",
        [
            .required("most", .span, "In all. Kubernetes ends the profile's pods so much later."),
            .optional("by", .span, "What one click adds. Default 1h, or `most` where that is less."),
        ])

    static let token = Shape(
        "token", "The access token that a server gets.",
        [
            .required("audience", .text, "Whom the token is for."),
            .required("file", .text, "Where it stands in the pod; an absolute path."),
            .optional(
                "scope", .text,
                "Scopes that are enough, with blanks between; asked for where the provider narrows tokens by them."),
            .optional(
                "on_login_end", .oneOf(TokenHandOff.LoginEnd.allCases.map(\.rawValue)),
                """
                When the user's login has ended at the provider: `keep` (the default) has the server go on without a \
                token, `stop` ends it.
                """),
        ])

    private static let offer: [Key] = [
        .optional("pool", .text, "The pool that it comes from."),
        .optional("cards", .integer(1...64), "Whole cards, all on one node; from a pool in mode `whole`."),
        .optional("mig_instances", .integer(1...64), "MIG instances, all on one node; from a pool in mode `mig`."),
        .optional("request", .memory, "A share's guaranteed memory; from a pool in mode `shared`."),
        .optional("limit", .memory, "The most memory that a share may use. Default: its request."),
        .optional("size", .shape(shareSize), "A share whose size the user types, instead of `request`."),
    ]

    static let gpu = Shape(
        "gpu", "The GPU that servers of a profile get: one offer written here, or `choices`.",
        [
            .optional("display_name", .text, "What the form shows. Default `GPU`."),
            .optional("choices", .list(of: .shape(gpuChoice), atLeast: 1), "The offers to choose from."),
            allow,
        ] + offer)

    static let gpuChoice = Shape(
        "gpu_choice", "One offer of GPU capacity; no GPU where neither `pool` nor `any_of` is named.",
        [
            .required("id", .name(.id), "Its id in forms and saved options."),
            .optional("display_name", .text, "What the form shows. Default: the id."),
            .optional("default", .flag, "Chosen unless the user chooses. Default: the first choice."),
            .optional(
                "any_of", .list(of: .text, atLeast: 1),
                "Instead of `pool`: ids of other choices by preference; the first that is free stands in."),
            override, allow, change, hidden, need,
        ] + offer)

    static let shareSize = Shape(
        "share_size", "The sizes that a user may type.",
        [
            .optional("unit", .oneOf(["GiB"]), "What the numbers count. Only `GiB`."),
            .required("min", .integer(1...1024), "The smallest."),
            .required("max", .integer(1...1024), "The largest."),
            .optional("step", .integer(1...1024), "Sizes are `min` and whole steps above it. Default 1."),
            .optional(
                "default", .integer(1...1024), mayBeNull: true,
                "What a server gets unasked. Default: the user must say."),
        ])
}
