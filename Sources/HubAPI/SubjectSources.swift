// SPDX-License-Identifier: Apache-2.0
import Configuration
import CoreMetrics
package import Directory
package import Identity
import JSONTree
import SpawnModel
import Synchronization

/// Whoever can be asked about a user, besides the hub itself.
package struct SubjectSources: Sendable {
    package let issuers: Issuers
    package let directories: Directories
    package let lookUps: LookUps
    private let counters = SourceCounters()

    package init(issuers: Issuers, directories: Directories, lookUps: LookUps) {
        self.issuers = issuers
        self.directories = directories
        self.lookUps = lookUps
    }

    /// What the directory says, or the error that it is not worth deciding without.
    func person(_ source: DirectorySource, named name: String) async -> Result<PersonAnswer, DirectoryError> {
        do throws(DirectoryError) {
            let answer = try await directories.people(source.terms).answer(for: name)
            counters.count(source.claim, answer == .unknown ? "unknown-person" : "answered")
            return .success(answer)
        } catch {
            counters.count(source.claim, error.code)
            return .failure(error)
        }
    }

    func lookUp(_ terms: LookUpTerms, _ question: LookUpQuestion) async -> Result<JSON?, LookUpError> {
        do throws(LookUpError) {
            let answer = try await lookUps.answer(terms, question)
            counters.count(terms.name, answer == nil ? "unknown" : "answered")
            return .success(answer)
        } catch {
            counters.count(terms.name, error.code)
            return .failure(error)
        }
    }
}

/// `berth_source_answers_total` by source and outcome; sources are the configuration's, so there are few.
private final class SourceCounters: Sendable {
    private struct Key: Hashable {
        let source: String
        let outcome: String
    }

    private let counters = Mutex<[Key: Counter]>([:])

    func count(_ source: String, _ outcome: String) {
        counters.withLock { counters in
            let key = Key(source: source, outcome: outcome)
            let counter =
                counters[key]
                ?? Counter(
                    label: "berth_source_answers_total", dimensions: [("source", source), ("outcome", outcome)])
            counters[key] = counter
            counter.increment()
        }
    }
}
