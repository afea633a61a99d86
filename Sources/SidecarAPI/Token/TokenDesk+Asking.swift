// SPDX-License-Identifier: Apache-2.0
import Configuration
import HubAPI
import Identity
import JupyterHub
import SpawnModel

extension TokenDesk {
    func token(_ errand: Errand) async throws(Problem) -> HandedToken {
        let held = try await hubsToken(errand)
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
        guard token.text != held.text else { throw .tokenNotExchanged("the issuer gives the same token back") }
        guard token.expiry > time else { throw .tokenNotExchanged("the issuer gives a token that has expired") }
        guard token.audiences?.contains(audience) ?? true else {
            throw .tokenNotExchanged("the issuer gives a token for another audience")
        }
        return HandedToken(
            accessToken: token.text, audience: audience, expiry: token.expiry, narrowedBy: .exchange, warning: nil)
    }

    private func hubsToken(_ errand: Errand) async throws(Problem) -> (token: AccessToken, isNarrowed: Bool) {
        // A token that will be exchanged has to keep what the issuer looks for.
        let scope = errand.exchange == nil ? errand.handOff.scope : nil
        do throws(HubFault) {
            let given = try await Hub(errand.hub, asking: asking).accessToken(
                of: errand.user, lasting: TokenHandOff.leastLeft, scope: scope)
            guard let token = AccessToken(given.text, lifetime: given.lifetime, at: now()) else {
                throw .misfit("its answer holds no bearer token")
            }
            guard token.expiry > now() else { throw .away("its token has expired") }
            return (token, given.isNarrowed)
        } catch {
            throw Problem(error)
        }
    }
}
