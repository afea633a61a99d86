// SPDX-License-Identifier: Apache-2.0
import HubAPI
import SpawnModel

extension Problem {
    static let loginEnded = Problem(
        status: 403, code: "login-ended", detail: "the identity provider does not renew the user's login any more",
        userMessage: "Your login has ended. Log out of the hub and in again, and your server gets tokens again.")

    static let tokensBusy = Problem(
        status: 503, code: "tokens-busy", detail: "as many questions for tokens are under way as may be",
        userMessage: later, retryAfter: TokenDesk.againAfter)

    /// The hub does not answer, or cannot now.
    static func hubAway(_ why: String, after span: Duration?) -> Problem {
        Problem(
            status: 503, code: "hub-away", detail: "no token from the hub: \(why)", userMessage: later,
            retryAfter: span ?? TokenDesk.againAfter)
    }

    /// The hub and Berth are set up in ways that do not fit; no waiting mends it.
    static func hubMisfit(_ why: String) -> Problem {
        Problem(
            status: 503, code: "hub-misfit", detail: "no token from the hub: \(why)", userMessage: tellOperators,
            retryAfter: .seconds(60))
    }

    static func hubNotNamed(_ deployment: String) -> Problem {
        .hubMisfit("the deployment \(deployment) has no `hub_api` with a token")
    }

    static func tokenNotExchanged(_ why: String) -> Problem {
        Problem(
            status: 503, code: "token-not-exchanged", detail: why, userMessage: later,
            retryAfter: TokenDesk.againAfter)
    }

    private static let later = "Your server's token cannot be renewed right now. It is tried again by itself."
    private static let tellOperators =
        "Your server gets no token, because the hub is not set up for it. "
        + "Please tell the hub's operators."
}
