// SPDX-License-Identifier: Apache-2.0
import Identity
import SpawnModel

extension Problem {
    /// 403 where the token proves nothing, 503 where its issuer cannot be asked. Nothing is decided without it.
    init(_ refusal: TokenRefusal) {
        switch refusal {
        case .token(let error):
            self.init(status: 403, code: error.code, detail: "\(error)", userMessage: Self.words(for: error))
        case .issuer(.resting(let span)):
            let error = IssuerError.resting(span)
            self.init(
                status: 503, code: error.code, detail: "\(error)",
                userMessage: "The login service has just changed its keys, so your login cannot be checked yet. "
                    + "Try again in \(span.words).",
                retryAfter: span)
        case .issuer(let error):
            self.init(
                status: 503, code: error.code, detail: "\(error)",
                userMessage: "Your login cannot be checked now, because the login service does not answer as it "
                    + "should. Try again in a minute; if it lasts, tell the hub's operators.",
                retryAfter: .seconds(30))
        }
    }

    static func tokenMissing(_ key: String) -> Problem {
        Problem(
            status: 403, code: "token-missing",
            detail: "the auth state has no `\(key)`: have the hub keep auth state (`enable_auth_state`), or name the "
                + "member with the token in `token_auth_state_key`",
            userMessage: "Your login came without the proof of who you are. Log out and in again; if that does not "
                + "help, tell the hub's operators.")
    }

    private static func words(for error: TokenError) -> String {
        switch error {
        case .expired, .inactive, .keyUnknown, .subjectDiffers:
            "Your login has expired. Log out of the hub and in again, then start your server."
        case .lightweight:
            "Your login does not say what you may use, so nothing can be started. Please tell the hub's operators."
        case .groupsElsewhere:
            "Your login does not list your groups, probably because they are too many, so nothing can be started. "
                + "Please tell the hub's operators."
        case .tooLarge, .opaque, .encrypted, .malformed, .nested, .unsigned, .algorithmUnknown, .algorithmRefused,
            .criticalHeader, .typeWrong, .keyIDMissing, .keyUnfit, .signatureInvalid, .issuerWrong, .audienceWrong,
            .partyWrong, .expiryMissing, .timeUnusable, .notYetValid, .issuedInFuture, .profileVersionUnknown,
            .unaskable:
            "Your login cannot be verified, so nothing can be started. Log out of the hub and in again; if that does "
                + "not help, tell the hub's operators."
        }
    }
}
