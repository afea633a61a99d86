// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPClient
import Hashing
import HubAPI
import Identity
import JSONTree
import SpawnModel
import Workers

/// Whose token it is: from a file, of an issuer, or of a hub, in this order. What a hub or issuer has said is kept for
/// a while, by the token's digest.
final class AdminCallers: Sendable {
    /// How long a hub's word stands: a token that is revoked there counts here for as long.
    static let kept = Duration.seconds(30)
    static let refusalKept = Duration.seconds(10)
    /// Before a refusal is answered.
    static let pause = Duration.milliseconds(200)

    let issuers: Issuers
    let asking: any WebAsking
    let now: @Sendable () -> Instant
    private let memory = AnswerMemory<String, AdminCaller?>(most: 1000)
    private let failures: FailureBudget

    init(issuers: Issuers, asking: any WebAsking, now: @escaping @Sendable () -> Instant) {
        self.issuers = issuers
        self.asking = asking
        self.now = now
        failures = FailureBudget(now: now)
    }

    /// - Throws: `Problem` 401 where nobody vouches for the token, 429 while too many are refused, 503 where who should
    ///   know cannot be asked.
    func caller(bearing token: String, _ terms: AdminTerms, _ site: Site) async throws(Problem) -> AdminCaller {
        if let known = terms.tokens.caller(bearing: token) { return known }
        let key = SHA256.hex(token, bytes: 32) + terms.hubs.map(\.url).joined(separator: " ")
        let remembered = memory.answer(for: key, at: now())
        if case .some(.some(let caller)) = remembered { return caller }
        guard failures.isAnyLeft else { throw .adminTooManyFailures }
        // Two dots make a JSON Web Token, which no hub gives out.
        let isOfIssuer = token.utf8.count { $0 == UInt8(ascii: ".") } == 2
        if remembered == nil, isOfIssuer, let roles = terms.issuer {
            if let caller = try await caller(of: token, roles, site) { return caller }
        } else if remembered == nil, !isOfIssuer {
            let caller = try await caller(of: token, terms.hubs)
            let time = now()
            memory.keep(caller, for: key, until: time + (caller == nil ? Self.refusalKept : Self.kept), now: time)
            if let caller { return caller }
        }
        failures.note()
        try? await Task.sleep(for: Self.pause)
        throw .adminTokenInvalid
    }

    private func caller(
        of token: String, _ roles: AdminTerms.IssuerRoles, _ site: Site
    ) async throws(Problem) -> AdminCaller? {
        let claims: JSON
        do throws(TokenRefusal) {
            claims = try await issuers.issuer(roles.terms).claims(of: token, as: .access)
        } catch .issuer(let error) {
            throw .adminIssuerAway(error)
        } catch {
            return nil
        }
        let reader = SubjectReader(
            mappings: site.identity.filter { $0.issuer == roles.terms.issuer }, forms: site.nameForms,
            checksUsername: false)
        let name = claims["preferred_username"]?.string ?? claims["sub"]?.string ?? "unnamed"
        let subject = try? reader.subject(
            for: HubUser(name: name, isAdmin: false, groups: []), claims: claims, deployment: "")
        guard let names = subject?.roles, let role = roles.role(of: names) else { return nil }
        return AdminCaller(name: "issuer/\(name.prefix(255))", role: role)
    }
}

extension [AdminTerms.Token] {
    /// Looks at every one whatever has matched so far, so that the time says nothing about a guess.
    fileprivate func caller(bearing token: String) -> AdminCaller? {
        let bytes = [UInt8](token.utf8)
        var found: AdminTerms.Token?
        for one in self where one.secret.matches(bytes) { found = one }
        return found.map { AdminCaller(name: "token/\($0.name)", role: $0.role) }
    }
}
