// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Synchronization
import Workers

/// The people in one directory, asked one by one.
package final class People: Sendable {
    package let terms: DirectoryTerms
    private let pool: WorkerPool<SessionKeeper>
    /// By the name's bytes: Swift's own `==` takes spellings of one letter for one.
    private let memory: AnswerMemory<[UInt8], PersonAnswer>
    private let lastStanding = Mutex(DirectoryStanding.notAsked)
    private let now: @Sendable () -> Instant

    package init(_ terms: DirectoryTerms, now: @escaping @Sendable () -> Instant) {
        self.terms = terms
        self.now = now
        memory = AnswerMemory(most: terms.costs.keptMax)
        let servers = ServerOrder(terms.servers)
        pool = WorkerPool(threads: terms.costs.connections, queueMax: terms.costs.waitersMax) {
            SessionKeeper(terms, servers)
        }
    }

    /// What was answered lately; nil where the directory has to be asked.
    package func remembered(_ name: String) -> PersonAnswer? { memory.answer(for: Array(name.utf8), at: now()) }

    /// Who `name` is, from memory or from the directory. Failures are not remembered.
    package func answer(for name: String) async throws(DirectoryError) -> PersonAnswer {
        if let known = remembered(name) { return known }
        let deadline = Deadline(in: terms.costs.timeout)
        do throws(DirectoryError) {
            let answer = try await pool.run(
                within: terms.costs.timeout, late: .late(terms.costs.timeout),
                full: .overloaded(waiting: terms.costs.waitersMax)
            ) { keeper throws(DirectoryError) in try keeper.answer(for: name, until: deadline) }
            keep(answer, for: name)
            lastStanding.withLock { $0 = .answers }
            return answer
        } catch {
            lastStanding.withLock { $0 = error.isOfEntry ? .answers : .fails(error) }
            throw error
        }
    }

    private func keep(_ answer: PersonAnswer, for name: String) {
        let span =
            switch answer {
            case .person: terms.costs.foundKept
            case .unknown: terms.costs.unknownKept
            }
        let now = now()
        memory.keep(answer, for: Array(name.utf8), until: now + span, now: now)
    }

    /// How the directory stood when it was last asked.
    package var standing: DirectoryStanding { lastStanding.withLock { $0 } }
}

package enum DirectoryStanding: Sendable, Hashable, CustomStringConvertible {
    case notAsked, answers
    case fails(DirectoryError)

    package var description: String {
        switch self {
        case .notAsked: "not asked yet"
        case .answers: "ok"
        case .fails(let error): "\(error)"
        }
    }
}
