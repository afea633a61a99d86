// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import Synchronization
import TokenForge

/// An issuer that answers as a test has it answer, and counts what it is asked: for hours that pass in a moment, and
/// for faults that a real one shows only when it breaks.
final class ScriptedIssuer: IssuerAsking {
    struct State {
        var now = Forge.now
        var documents: [IssuerEndpoint: Result<IssuerAnswer, IssuerError>] = [:]
        var asked: [IssuerQuestion] = []
        /// While true, questions wait.
        var isHeld = false
    }

    let state = Mutex(State())

    init(_ keys: JSON...) {
        publish(keys)
        answer(
            .discovery,
            [
                "issuer": JSON(Forge.issuer), "jwks_uri": "https://idp.example.org/keys",
                "introspection_endpoint": "https://idp.example.org/introspect",
                "userinfo_endpoint": "https://idp.example.org/userinfo",
                "id_token_signing_alg_values_supported": ["none", "HS256"],
            ])
    }

    func publish(_ keys: [JSON]) { answer(.keys, ["keys": JSON(keys)]) }
    func answer(_ endpoint: IssuerEndpoint, _ json: JSON, status: Int = 200) {
        answer(endpoint, Array(json.text.utf8), status: status)
    }
    func answer(_ endpoint: IssuerEndpoint, _ body: [UInt8], status: Int = 200) {
        state.withLock { $0.documents[endpoint] = .success(IssuerAnswer(status: status, body: body)) }
    }
    func fail(_ endpoint: IssuerEndpoint) {
        state.withLock { $0.documents[endpoint] = .failure(.unreachable(endpoint, reason: "connection refused")) }
    }

    func count(_ endpoint: IssuerEndpoint) -> Int {
        state.withLock { $0.asked.count { $0.endpoint == endpoint } }
    }
    var last: IssuerQuestion? { state.withLock { $0.asked.last } }

    var clock: @Sendable () -> Instant { { self.state.withLock { $0.now } } }
    func pass(_ span: Duration) { state.withLock { $0.now = $0.now + span } }

    func hold() { state.withLock { $0.isHeld = true } }
    func release() { state.withLock { $0.isHeld = false } }

    func ask(_ question: IssuerQuestion) async throws(IssuerError) -> IssuerAnswer {
        state.withLock { $0.asked.append(question) }
        while state.withLock({ $0.isHeld }) { await Task.yield() }
        guard let answer = state.withLock({ $0.documents[question.endpoint] }) else {
            return IssuerAnswer(status: 404, body: [])
        }
        return try answer.get()
    }

    func issuer(
        _ ways: [TokenWay] = [.verify], client: ClientCredentials? = nil, needsGroups: Bool = false,
        audiences: [String] = ["jupyterhub"]
    ) -> Issuer {
        Issuer(
            IssuerTerms(
                issuer: Forge.issuer, audiences: audiences, ways: ways, client: client, needsGroups: needsGroups),
            asking: self, now: clock)
    }

    /// A token that has a minute more than `now` to go.
    func token(kid: String = "rsa", _ key: ForgeKey = Forge.rsa, _ changes: [(String, JSON)] = []) -> String {
        let expiry = clock().unixMilliseconds / 1000 + 60
        return key.token(
            ["alg": "RS256", "kid": JSON(kid)], Forge.claims([("exp", JSON(Int(expiry)))] + changes))
    }
}

extension Issuer {
    /// What becomes of a token: its user, or the code of why not.
    func outcome(_ token: String, as kind: TokenKind = .access) async -> String {
        do throws(TokenRefusal) {
            return try await claims(of: token, as: kind)["preferred_username"]?.string ?? "(no name)"
        } catch {
            switch error {
            case .token(let fault): return fault.code
            case .issuer(let fault): return fault.code
            }
        }
    }
}
