// SPDX-License-Identifier: Apache-2.0
package import HTTPClient
package import JSONTree
package import SpawnModel
import Synchronization
import Workers

/// Asks services about users, and remembers for a while what they said.
package final class LookUps: Sendable {
    /// Answers of all look-ups together. Each has `bytesMost` at most, so that 64 MiB is the most they take.
    private static let keptMax = 1024
    /// Claims of one user; what is larger is a list of all, or something else.
    package static let bytesMost = 64 << 10
    package static let depthMost = 16

    private struct Key: Hashable {
        let terms: LookUpTerms
        /// As bytes: Swift's own `==` takes spellings of one letter for one.
        let user: [UInt8]
        let deployment: String
    }

    private let asking: any WebAsking
    private let memory = AnswerMemory<Key, JSON>(most: keptMax)
    private let now: @Sendable () -> Instant

    package init(asking: any WebAsking, now: @escaping @Sendable () -> Instant) {
        self.asking = asking
        self.now = now
    }

    /// What was answered lately; nil where the service has to be asked.
    package func remembered(_ terms: LookUpTerms, user: String, deployment: String) -> JSON? {
        memory.answer(for: Key(terms: terms, user: Array(user.utf8), deployment: deployment), at: now())
    }

    /// The answer, or what the terms put in its place: nil where nothing is known then. Only answers are remembered.
    ///
    /// - Throws: where the terms have it that nothing is decided without it.
    package func answer(_ terms: LookUpTerms, user: String, deployment: String) async throws(LookUpError) -> JSON? {
        let key = Key(terms: terms, user: Array(user.utf8), deployment: deployment)
        if let known = memory.answer(for: key, at: now()) { return known }
        do throws(LookUpError) {
            let answer = try await ask(terms, user, deployment)
            let at = now()
            memory.keep(answer, for: key, until: at + terms.kept, now: at)
            return answer
        } catch {
            let fallback = if case .status(_, _, 404) = error { terms.onNotFound } else { terms.onFailure }
            switch fallback {
            case .refuse: throw error
            case .unknown: return nil
            case .value(let value): return value
            }
        }
    }

    private func ask(_ terms: LookUpTerms, _ user: String, _ deployment: String) async throws(LookUpError) -> JSON {
        guard let url = terms.address.url(user: user, deployment: deployment) else {
            throw .nameUnfit(lookUp: terms.name)
        }
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await asking.send(terms.request(url, user, deployment))
        } catch {
            throw .unreachable(lookUp: terms.name, reason: "\(error)")
        }
        guard response.status == 200 else {
            throw .status(lookUp: terms.name, origin: terms.address.origin, response.status)
        }
        do throws(JSONError) {
            return try JSON(
                parsing: response.body, limits: JSONLimits(bytesMax: Self.bytesMost, depthMax: Self.depthMost))
        } catch {
            throw .unusable(lookUp: terms.name, origin: terms.address.origin, reason: "\(error)")
        }
    }
}

extension LookUpTerms {
    fileprivate func request(_ url: String, _ user: String, _ deployment: String) -> HTTPClientRequest {
        var headers = [(name: "Accept", value: "application/json")]
        if let token { headers.append((name: "Authorization", value: "Bearer \(token.text)")) }
        var body: [UInt8] = []
        if method == .post {
            headers.append((name: "Content-Type", value: "application/json"))
            body = JSON(["user": JSON(user), "deployment": JSON(deployment)]).bytes
        }
        var request = HTTPClientRequest(method == .get ? .get : .post, url, headers: headers, body: body)
        // Looking somebody up changes nothing, so that a lost answer may be asked for again.
        request.isRepeatable = true
        request.timeout = timeout
        request.bodyBytesMax = LookUps.bytesMost
        return request
    }
}
