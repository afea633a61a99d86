// SPDX-License-Identifier: Apache-2.0
import HubAPI
import SpawnModel

extension Problem {
    static let loginExpired = Problem(
        status: 403, code: "login-expired", detail: "the identity provider does not renew the user's login any more",
        userMessage: "Your login has ended. Log out of the hub and in again, and your server gets tokens again.")

    static let tokensBusy = Problem(
        status: 503, code: "tokens-busy", detail: "as many questions for tokens are under way as may be",
        userMessage: later, retryAfter: TokenDesk.againAfter)

    static func tokenNotExchanged(_ why: String) -> Problem {
        Problem(
            status: 503, code: "token-not-exchanged", detail: why, userMessage: later,
            retryAfter: TokenDesk.againAfter)
    }

    private static let later = "Your server's token cannot be renewed right now. It is tried again by itself."
}
