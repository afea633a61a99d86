// SPDX-License-Identifier: Apache-2.0

/// Why a spawn may not be: an answer, not an error.
package struct Refusal: Error, Sendable, Hashable {
    package let reason: Reason
    /// For the user: what happened, what to do, when it helps. Plain text, no other person's name.
    package let userMessage: String
    /// For the log: which rule, which line, which value. No secrets.
    package let detail: String
    package let retryAfter: Duration?

    package init(_ reason: Reason, userMessage: String, detail: String, retryAfter: Duration? = nil) {
        self.reason = reason
        self.userMessage = userMessage
        self.detail = detail
        self.retryAfter = retryAfter
    }

    /// Stable names: they are problem codes, metric labels and log fields. Never renamed.
    package enum Reason: String, Sendable, CaseIterable {
        case nothingAllowed = "nothing-allowed"
        case unknownProfile = "unknown-profile"
        case profileNotAllowed = "profile-not-allowed"
        case ambiguousProfile = "ambiguous-profile"
        case unknownOption = "unknown-option"
        case optionNotAllowed = "option-not-allowed"
        case ambiguousOption = "ambiguous-option"
        case unknownChoice = "unknown-choice"
        case choiceNotAllowed = "choice-not-allowed"
        case unlistedChoiceNotAllowed = "unlisted-choice-not-allowed"
        case unlistedChoiceInvalid = "unlisted-choice-invalid"
        case customImageNotAllowed = "custom-image-not-allowed"
        case sizeMissing = "size-missing"
        case sizeFormat = "size-format"
        case sizeOutOfRange = "size-out-of-range"
        case walltimeInvalid = "walltime-invalid"
        /// A choice without the other choice that it needs.
        case choiceNeeds = "choice-needs"
        case refusedByRule = "refused-by-rule"
        /// The policy refers to something that is not known of this user.
        case valueMissing = "value-missing"
        /// Something that is known of this user may not stand where the policy puts it.
        case valueUnfit = "value-unfit"
        case ruleConflict = "rule-conflict"
        /// The policy's patterns take too long for what is known of this user.
        case patternsTooCostly = "patterns-too-costly"
        case optionsMalformed = "options-malformed"
        case gpuUnavailable = "gpu-unavailable"
        case gpuPoolImpossible = "gpu-pool-impossible"
        case userQuota = "user-quota"
        case groupQuota = "group-quota"
        case deploymentQuota = "deployment-quota"
        case poolQuota = "pool-quota"
        /// The hours of the period are used up, whoever's they are.
        case gpuHours = "gpu-hours"
        /// The group that was named to pay is not one of the user's.
        case payerNotAllowed = "payer-not-allowed"
    }
}

/// Policy's answer to one start.
package enum Decision: Sendable {
    case allow(Grant)
    case refuse(Refusal)
}
