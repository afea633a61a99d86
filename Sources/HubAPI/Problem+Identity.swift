// SPDX-License-Identifier: Apache-2.0
import Identity

extension Problem {
    /// The detail names claims and what is wrong with them; the user is told what that means for them.
    init(_ error: IdentityError) {
        let (status, code, message) = Self.answer(to: error)
        self.init(status: status, code: code, detail: "\(error)", userMessage: message)
    }

    private static func answer(to error: IdentityError) -> (status: Int, code: String, userMessage: String) {
        switch error {
        case .badPath, .notAnObject, .unknownIssuer, .wrongAudience, .notNames, .notObjects, .elementWithoutName,
            .malformed, .unknownTokenVersion, .nameTooLong, .tooManyNames, .controlCharacter, .notAnID, .idOutOfRange,
            .incompleteIDs:
            (
                422, "claims-invalid",
                "What your login says about you cannot be used, so nothing can be started. "
                    + "Please tell the hub's operators."
            )
        case .claimElsewhere:
            (
                422, "claims-elsewhere",
                "Your login does not list your groups, probably because they are too many, so nothing can be started. "
                    + "Please tell the hub's operators."
            )
        case .lightweightToken:
            (
                422, "token-lightweight",
                "Your login does not say what you may use, so nothing can be started. Please tell the hub's operators."
            )
        case .idsUnheard:
            (
                503, "ids-unheard",
                "A service that says under which numbers your server runs does not answer, so nothing can be started. "
                    + "Try again in a minute; if it lasts, tell the hub's operators."
            )
        case .noUsername, .otherUsername, .otherDomain:
            (
                403, "username-mismatch",
                "Your login is not the one that this hub knows you by, so nothing can be started. "
                    + "Log out and in again; if that does not help, tell the hub's operators."
            )
        }
    }
}
