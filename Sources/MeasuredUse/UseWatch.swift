// SPDX-License-Identifier: Apache-2.0
package import HTTPClient
package import SpawnModel
import Synchronization

/// Asks the sources again and again, and keeps the board by what they tell.
package final class UseWatch: Sendable {
    /// What is new of a source; nil where it tells again.
    package typealias News = @Sendable (UseSource, MeasuredUseError?) -> Void

    package let board = UseBoard()
    private let asking: any WebAsking
    private let terms: @Sendable () -> MeasuredUseTerms?
    private let now: @Sendable () -> Instant
    private let news: News
    /// The code of what is wrong with each source, so that it is told once.
    private let failing = Mutex<[UseSource: String]>([:])

    /// Sources that are asked at one time.
    private static let askedAtOnce = 8
    /// Between two looks for a section that is not written.
    private static let pauseUnwritten = Duration.seconds(5)

    /// - Parameter terms: those in force; asked for at each round.
    package init(
        asking: any WebAsking, terms: @escaping @Sendable () -> MeasuredUseTerms?,
        now: @escaping @Sendable () -> Instant, news: @escaping News
    ) {
        self.asking = asking
        self.terms = terms
        self.now = now
        self.news = news
    }

    package func start() -> Task<Void, Never> {
        Task.detached {
            while !Task.isCancelled {
                let terms = self.terms()
                await self.look(terms)
                try? await Task.sleep(for: terms?.interval ?? Self.pauseUnwritten)
            }
        }
    }

    /// One round. A source that does not answer holds up no other longer than its time-out.
    package func look(_ terms: MeasuredUseTerms?) async {
        board.expect(terms)
        guard let terms else { return failing.withLock { $0 = [:] } }
        await withTaskGroup(of: Void.self) { group in
            for (place, source) in terms.sources.enumerated() {
                if place >= Self.askedAtOnce { await group.next() }
                group.addTask { await self.ask(source, terms) }
            }
        }
    }

    private func ask(_ source: UseSource, _ terms: MeasuredUseTerms) async {
        do throws(MeasuredUseError) {
            let samples = try await source.samples(of: terms, asking: asking, now: now)
            board.take(UseSums(samples, terms.exporters), from: source)
            note(nil, of: source)
        } catch {
            note(error, of: source)
        }
    }

    private func note(_ error: MeasuredUseError?, of source: UseSource) {
        let isNew = failing.withLock { failing in
            defer { failing[source] = error?.code }
            return failing[source] != error?.code
        }
        if isNew { news(source, error) }
    }
}
