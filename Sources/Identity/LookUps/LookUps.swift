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

    private let asking: any WebAsking
    private let memory = AnswerMemory<AskedLookUp.Key, JSON>(most: keptMax)
    private let now: @Sendable () -> Instant

    package init(asking: any WebAsking, now: @escaping @Sendable () -> Instant) {
        self.asking = asking
        self.now = now
    }

    /// What was answered lately; nil where the service has to be asked, or the question cannot be put.
    package func remembered(_ terms: LookUpTerms, _ question: LookUpQuestion) -> JSON? {
        guard let asked = try? AskedLookUp(terms, question) else { return nil }
        return memory.answer(for: asked.key, at: now())
    }

    /// The answer, or what the terms put in its place: nil where nothing is known then. Only answers are remembered.
    ///
    /// - Throws: where the terms have it that nothing is decided without it.
    package func answer(_ terms: LookUpTerms, _ question: LookUpQuestion) async throws(LookUpError) -> JSON? {
        do throws(LookUpError) {
            let asked = try AskedLookUp(terms, question)
            if let known = memory.answer(for: asked.key, at: now()) { return known }
            let answer = try await ask(asked)
            let at = now()
            memory.keep(answer, for: asked.key, until: at + terms.kept, now: at)
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

    private func ask(_ asked: AskedLookUp) async throws(LookUpError) -> JSON {
        let terms = asked.terms
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await asking.send(asked.request)
        } catch {
            throw .unreachable(lookUp: terms.name, reason: "\(error)")
        }
        if terms.usersToken != nil, [401, 403].contains(response.status) {
            throw .tokenRefused(lookUp: terms.name, origin: terms.address.origin, response.status)
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
