// SPDX-License-Identifier: Apache-2.0

extension Language {
    /// A path into the claims: names joined by dots, a JSON pointer, or a list of names.
    static let claimPath = Kind.either([.text, .list(of: .text, atLeast: 1)])

    static let rule = Shape(
        "rule", "Who may: exactly one test. A list of rules means any of them.",
        [
            .optional("role", nameTest, "Has this role, or one that matches."),
            .optional("group", nameTest, "Is in this group, or in one that matches."),
            .optional("entitlement", nameTest, "Has this entitlement, or one that matches."),
            .optional("user", nameTest, "Has this name at the hub, or one that matches."),
            .optional("admin", .flag, "Is (true) or is not (false) an administrator of the hub."),
            .optional("deployment", .text, "Comes from this hub."),
            .optional("claim", claimPath, "The claim to look at; with one of the tests below."),
            .optional("equals", .anything, "The claim is this value, or a list that holds it."),
            .optional("present", .flag, "`true`: the claim is there and not null."),
            .optional(
                "matches", .text, "The claim, or a text in its list, matches this regular expression as a whole."),
            .optional("at_least", .anything, "The claim, or a number in its list, is this number or more."),
            .optional("at_most", .anything, "The claim, or a number in its list, is this number or less."),
            .optional("more_than", .anything, "The claim, or a number in its list, is above this number."),
            .optional("less_than", .anything, "The claim, or a number in its list, is below this number."),
            .optional(
                "some", .rule,
                "One element of the claim's list meets this rule, whose own claims start at that element."),
            .optional(
                "profile", .either([.text, .list(of: .text, atLeast: 1)]), "One of these is started; in `rules`."),
            .optional(
                "chosen", .table(of: .either([.text, .list(of: .text, atLeast: 1)]), keys: .free),
                "Each of these options has one of the values; in `rules`."),
            .optional("any", .list(of: .rule), "At least one of these; none of them listed is nobody."),
            .optional("all", .list(of: .rule), "Each of these; none of them listed is everyone."),
            .optional("not", .rule, "Not this. A claim that is missing makes neither it nor its opposite true."),
        ])

    /// A name, or what one of the names must look like.
    private static let nameTest = Kind.either([.text, .shape(namePattern)])

    private static let namePattern = Shape(
        "name_pattern", "What a name must look like.",
        [.required("matches", .text, "A regular expression that the whole name matches.")])
}
