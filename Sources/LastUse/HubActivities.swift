// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import JupyterHub
import SpawnModel
import Synchronization

/// What each hub has said last; however many want to know, one question a hub is under way.
final class HubActivities: Sendable {
    /// What is new of a hub; nil where it tells again.
    typealias News = @Sendable (_ deployment: String, HubFault?) -> Void

    private struct Standing {
        var latest: HubActivity?
        /// When it was last asked, whatever came of it.
        var askedAt: Instant?
        var fault: String?
        var question: Task<Void, Never>?
    }

    private let asking: any WebAsking
    private let now: @Sendable () -> Instant
    private let news: News
    private let standings = Mutex<[String: Standing]>([:])

    init(asking: any WebAsking, now: @escaping @Sendable () -> Instant, news: @escaping News) {
        self.asking = asking
        self.now = now
        self.news = news
    }

    /// Nil where it is older than `age`.
    func latest(of deployment: String, notOlderThan age: Duration) -> HubActivity? {
        let oldest = now() + (.zero - age)
        return standings.withLock { $0[deployment]?.latest }.flatMap { $0.askedAt >= oldest ? $0 : nil }
    }

    /// Asks, unless that is being done or was done less than `pause` ago.
    ///
    /// - Returns: the question, for who wants to wait for it; nil where none is needed.
    @discardableResult
    func ask(_ deployment: String, at address: HubAddress, notWithin pause: Duration) -> Task<Void, Never>? {
        let time = now()
        return standings.withLock { standings in
            let standing = standings[deployment] ?? Standing()
            if let question = standing.question { return question }
            if let askedAt = standing.askedAt, askedAt <= time, time < askedAt + pause { return nil }
            let question = Task { await self.question(deployment, Hub(address, asking: asking)) }
            standings[deployment, default: Standing()].question = question
            standings[deployment]?.askedAt = time
            return question
        }
    }

    private func question(_ deployment: String, _ hub: Hub) async {
        do throws(HubFault) {
            let activity = try await hub.activity(in: deployment, now: now)
            settle(deployment, activity, nil)
        } catch {
            settle(deployment, nil, error)
        }
    }

    /// A fault that goes on is news once.
    private func settle(_ deployment: String, _ activity: HubActivity?, _ fault: HubFault?) {
        let words = fault.map { "\($0)" }
        let isNew = standings.withLock { standings in
            var standing = standings[deployment] ?? Standing()
            defer { standings[deployment] = standing }
            standing.question = nil
            standing.latest = activity ?? standing.latest
            defer { standing.fault = words }
            return standing.fault != words
        }
        if isNew { news(deployment, fault) }
    }

    /// Hubs of which nobody wants to know any more.
    func keepOnly(_ deployments: Set<String>) {
        standings.withLock { standings in
            standings = standings.filter { deployments.contains($0.key) || $0.value.question != nil }
        }
    }
}
