// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Problem {
    init(_ refusal: Refusal) {
        self.init(
            status: Self.status(of: refusal.reason),
            code: refusal.reason.rawValue,
            detail: refusal.detail,
            userMessage: refusal.userMessage,
            retryAfter: refusal.retryAfter
        )
    }

    /// 403 where rights are missing, 422 where the values make no sense, 409 where only the moment is wrong.
    private static func status(of reason: Refusal.Reason) -> Int {
        switch reason {
        case .nothingAllowed, .profileNotAllowed, .optionNotAllowed, .choiceNotAllowed, .unlistedChoiceNotAllowed,
            .customImageNotAllowed, .refusedByRule, .valueMissing, .payerNotAllowed:
            403
        case .unknownProfile, .ambiguousProfile, .unknownOption, .ambiguousOption, .unknownChoice,
            .unlistedChoiceInvalid, .sizeMissing, .sizeFormat, .sizeOutOfRange, .walltimeInvalid, .optionsMalformed,
            .choiceNeeds, .valueUnfit, .ruleConflict, .patternsTooCostly:
            422
        case .gpuUnavailable, .gpuPoolImpossible, .userQuota, .groupQuota, .deploymentQuota, .poolQuota, .gpuHours: 409
        }
    }
}
