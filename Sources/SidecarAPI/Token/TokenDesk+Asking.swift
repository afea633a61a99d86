// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPClient
import HubAPI
import Identity
import JSONTree
import SpawnModel

extension TokenDesk {
    func token(_ errand: Errand, _ hubToken: Secret) async throws(Problem) -> HandedToken {
        let held = try await hubsToken(errand, hubToken)
        if let terms = errand.exchange, let client = terms.exchange {
            return try await exchanged(held.token, errand, terms, client)
        }
        let isNarrow = held.isNarrowed || held.token.audiences == [errand.handOff.audience]
        return HandedToken(
            accessToken: held.token.text, audience: errand.handOff.audience, expiry: held.token.expiry,
            narrowedBy: held.isNarrowed ? .scope : .nothing,
            warning: isNarrow ? nil : "The token is good for all that the user's login is: nothing narrows it.")
    }

    /// Where exchange is set up, a wider token never takes the narrow one's place.
    private func exchanged(
        _ held: AccessToken, _ errand: Errand, _ terms: IssuerTerms, _ client: ClientCredentials
    ) async throws(Problem) -> HandedToken {
        let audience = errand.handOff.audience
        let given: ExchangedToken
        do throws(IssuerError) {
            given = try await issuers.issuer(terms).exchanged(
                held.text, for: audience, scope: errand.handOff.scope, by: client)
        } catch {
            throw .tokenNotExchanged("\(error)")
        }
        let time = now()
        guard let token = AccessToken(given.token, lifetime: given.lifetime, at: time) else {
            throw .tokenNotExchanged("the issuer gives what is no bearer token")
        }
        guard token.expiry > time else { throw .tokenNotExchanged("the issuer gives a token that has expired") }
        guard token.audiences?.contains(audience) ?? true else {
            throw .tokenNotExchanged("the issuer gives a token for another audience")
        }
        return HandedToken(
            accessToken: token.text, audience: audience, expiry: token.expiry, narrowedBy: .exchange, warning: nil)
    }

    private func hubsToken(
        _ errand: Errand, _ hubToken: Secret
    ) async throws(Problem) -> (token: AccessToken, isNarrowed: Bool) {
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await asking.send(question(errand, hubToken))
        } catch {
            throw .hubAway("\(error)", after: error.retryAfter)
        }
        let answer = try? JSON(parsing: response.body)
        guard response.status == 200 else { throw Problem(response, code: answer?["code"]?.string) }
        let lifetime = answer?["expires_in_s"]?.int.map { Duration.seconds($0) }
        guard let text = answer?["access_token"]?.string,
            let token = AccessToken(text, lifetime: lifetime, at: now())
        else { throw .hubMisfit("its answer holds no bearer token") }
        guard token.expiry > now() else { throw .hubAway("its token has expired", after: nil) }
        return (token, answer?["narrowed_by"]?.string == "scope")
    }

    private func question(_ errand: Errand, _ hubToken: Secret) -> HTTPClientRequest {
        var body: JSONObject = ["user": JSON(errand.user), "least_s": JSON(Int(Self.least.wholeSeconds))]
        // A token that will be exchanged has to keep what the issuer looks for.
        if errand.exchange == nil, let scope = errand.handOff.scope { body["scope"] = JSON(scope) }
        var request = HTTPClientRequest(
            .post, errand.hub + "/berth/access-token",
            headers: [
                ("Authorization", hubToken.bearer), ("Content-Type", "application/json"),
                ("Accept", "application/json"),
            ],
            body: JSON(body).bytes)
        // The hub renews by one request at a time, and answers the second with what the first has brought.
        request.isRepeatable = true
        request.timeout = .seconds(12)
        request.bodyBytesMax = 128 * 1024
        return request
    }
}

extension Problem {
    /// - Parameter code: the hub's own, where its answer is one of `berth_hub`.
    fileprivate init(_ response: HTTPClientResponse, code: String?) {
        self =
            switch (response.status, code) {
            case (403, "login-ended"), (404, "user-unknown"): .loginEnded
            case (429, _), (500..., _): .hubAway("it answers \(response.status)", after: response.retryAfter)
            case (401, _), (403, _): .hubMisfit("Berth's token there is of no service with `admin:auth_state`")
            case (404, _): .hubMisfit("`berth_hub.install` there is older than Berth")
            default: .hubMisfit("it answers \(response.status)")
            }
    }
}
