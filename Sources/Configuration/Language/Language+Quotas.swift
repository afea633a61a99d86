// SPDX-License-Identifier: Apache-2.0

extension Language {
    static let quotas = Shape(
        "quotas", "How much GPU users, groups, hubs and pools may have. An absent limit is no limit; 0 is none at all.",
        [
            .optional(
                "period", .oneOf(["day", "week", "month"]),
                "What `gpu_hours` are counted in; it begins at midnight UTC. Default `month`."),
            .optional(
                "borrowed_walltime", .span,
                "The longest a session runs on quota that other groups have idle. Default 1h."),
            .optional("user", .shape(quotaLimits), "Of each user of a hub who is not in `users`."),
            .optional(
                "users", .table(of: .shape(quotaLimits), keys: .free),
                "Of single users, by their names at the hub, in place of `user` as a whole."),
            .optional(
                "groups", .table(of: .shape(groupQuota), keys: .free),
                """
                Of groups, over all hubs. One group pays for a session: the first in this order that the user is in and \
                that has room.
                """),
            .optional(
                "without_group", .shape(quotaLimits), "Of all users together who are in none of `groups`."),
            .optional(
                "deployments", .table(of: .shape(deploymentQuota), keys: .id), "Of single hubs."),
            .optional(
                "pools", .table(of: .shape(quotaLimits), keys: .id), "Of everybody together in single pools."),
        ])

    static let quotaLimits = Shape("quota_limits", "The most at one time, and within a period.", limitKeys)

    private static let limitKeys: [Key] = [
        .optional("sessions", .integer(0...100_000), "Most sessions with a GPU at one time."),
        .optional(
            "milli_cards", .integer(0...100_000_000),
            "Most thousandths of a card at one time: a whole card is 1000, a share its part of the memory."),
        .optional("memory", .memory, "Most GPU memory at one time."),
        .optional("gpu_hours", .integer(0...10_000_000), "Most hours of a whole card within the period."),
    ]

    static let groupQuota = Shape(
        "group_quota", "A group's own, and how it shares with others.",
        limitKeys + [
            .optional(
                "cohort", .name(.id), "Groups that name the same cohort lend each other what they leave idle."),
            .optional(
                "borrow", .shape(quotaLimits),
                "Most above its own. Default: as much as the cohort leaves idle."),
            .optional("lend", .shape(quotaLimits), "Most of its own that others may have. Default: all of it."),
            .optional(
                "weight", .integer(1...1000),
                "Its part of what is nobody's own, in the order of waiting lists. Default 1."),
        ])

    static let deploymentQuota = Shape(
        "deployment_quota", "A hub's.",
        limitKeys + [
            .optional(
                "priority", .integer(-100...100),
                "In waiting lists the users of a hub with a higher one come first. Default 0.")
        ])

    static let waitingList = Shape(
        "waiting_list", "Who does not fit gets a place in line.",
        [
            .optional("max", .integer(1...500), "Most who wait at one time. Default 50."),
            .optional("ticket_ttl", .span, "Who does not ask again within this time has left. Default 90s."),
            .optional(
                "claim_window", .span, "How long what is free is kept for the one whose turn it is. Default 60s."),
        ])
}
