// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Synchronization

/// One issuer's keys over time: read when needed, read again when old or when a token names one that is not there, and
/// kept for a while where the issuer does not answer.
///
/// However many ask at once, one request is under way; however many unknown keys are named, one request is made in a
/// cool-down. What the issuer has failed to say is never made up: without keys no token is proven.
package final class KeySets: Sendable {
    /// Keys as they were read at one time.
    struct Edition: Sendable {
        let keys: KeySet
        let readAt: Instant
        /// Rises with each set that differs from the one before.
        let number: Int
        fileprivate let document: [UInt8]
    }

    fileprivate struct State {
        var edition: Edition?
        var discovery: (Discovery, at: Instant)?
        /// When a request was last begun, and why it failed; nil where it did not.
        var askedAt: Instant?
        var fault: IssuerError?
        /// When one was last begun because a token named a key that is not known.
        var searchedAt: Instant?
        /// Names of keys that were not there when last asked for.
        var missing = MissingKeys()
        var request: Task<Void, Never>?
    }

    private let issuer: String
    private let times: KeyTimes
    private let asking: any IssuerAsking
    private let now: @Sendable () -> Instant
    private let state = Mutex(State())

    package init(
        issuer: String, times: KeyTimes = KeyTimes(), asking: any IssuerAsking, now: @escaping @Sendable () -> Instant
    ) {
        self.issuer = issuer
        self.times = times
        self.asking = asking
        self.now = now
    }

    /// Between two attempts while there are no keys at all.
    private var pauseWithoutKeys: Duration { min(times.cooldown, .seconds(5)) }
}

// MARK: - Asking for keys

extension KeySets {
    /// The keys that count now. Waits only where there are none; old ones are renewed behind the caller's back.
    func current() async throws(IssuerError) -> Edition {
        let at = now()
        if let edition = usable(at: at) {
            if edition.isOlder(than: times.refresh, at: at) {
                _ = request { isDue($0.askedAt, after: times.cooldown, at: at) }
            }
            return edition
        }
        await request { isDue($0.askedAt, after: pauseWithoutKeys, at: at) }?.value
        return try usableNow()
    }

    /// Keys newer than `seen`, which lack the one that a token names; nil where the issuer has said so lately.
    ///
    /// - Throws: `.resting` where that is not known, and the issuer is not asked before the cool-down is over.
    func newer(than seen: Edition, naming id: KeyID?) async throws(IssuerError) -> Edition? {
        let at = now()
        if let edition = usable(at: at), edition.number != seen.number { return edition }
        var isMissing = false
        let isAsked = await isAnswered(
            request { state in
                isMissing = state.missing.holds(id, for: times.cooldown * 4, at: at)
                // The first search is made at once: keys that were read a moment ago may have changed since.
                let isDue = !isMissing && isDue(state.searchedAt, after: times.cooldown, at: at)
                if isDue { state.searchedAt = at }
                return isDue
            })
        let edition = try usableNow()
        // What is not known because nobody answered is not known to be missing.
        if let fault = state.withLock({ $0.fault }) { throw fault }
        if edition.number != seen.number { return edition }
        guard isAsked || isMissing else { throw .resting(restLeft(at: at)) }
        if isAsked { state.withLock { $0.missing.note(id, at: at) } }
        return nil
    }

    /// Until the next search may be made.
    private func restLeft(at: Instant) -> Duration {
        guard let searchedAt = state.withLock({ $0.searchedAt }) else { return times.cooldown }
        return min(times.cooldown, max(.seconds(1), times.cooldown - (at - searchedAt)))
    }

    private func isAnswered(_ request: Task<Void, Never>?) async -> Bool {
        guard let request else { return false }
        await request.value
        return true
    }

    /// Where the issuer says that it can be asked.
    func endpoint(_ endpoint: IssuerEndpoint) async throws(IssuerError) -> String {
        try await discovery().url(of: endpoint)
    }

    /// The number of the keys that count now; nil while there are none.
    var editionInUse: Int? { usable(at: now())?.number }

    private func usable(at: Instant) -> Edition? {
        guard let edition = state.withLock({ $0.edition }), !edition.isOlder(than: times.keep, at: at) else {
            return nil
        }
        return edition
    }

    private func usableNow() throws(IssuerError) -> Edition {
        if let edition = usable(at: now()) { return edition }
        throw state.withLock { $0.fault } ?? .noKeys(skipped: 0)
    }
}

extension KeySets.Edition {
    fileprivate func isOlder(than age: Duration, at: Instant) -> Bool { at - readAt >= age }
}

/// A clock that was set back must not hold up what is due.
private func isDue(_ last: Instant?, after pause: Duration, at: Instant) -> Bool {
    guard let last else { return true }
    return at < last || at - last >= pause
}

// MARK: - Asking the issuer

extension KeySets {
    /// The request under way, else a new one where it is due; nil where it is not.
    private func request(where isDue: (inout State) -> Bool) -> Task<Void, Never>? {
        state.withLock { state in
            if let request = state.request { return request }
            guard isDue(&state) else { return nil }
            state.askedAt = now()
            // Its own task: whoever asked first may be cancelled, and others wait for it as well.
            let request = Task.detached { await self.read() }
            state.request = request
            return request
        }
    }

    private func read() async {
        let result: Result<(KeySet, [UInt8]), IssuerError>
        do { result = .success(try await keySet()) } catch { result = .failure(error) }
        let at = now()
        state.withLock { state in
            state.request = nil
            switch result {
            case .success(let (keys, document)): state.take(keys, document, at: at)
            case .failure(let fault): state.fault = fault
            }
        }
    }

    private func keySet() async throws(IssuerError) -> (KeySet, [UInt8]) {
        let url = try await discovery().url(of: .keys)
        let body = try await asking.body(of: IssuerQuestion(.keys, url))
        let keys: KeySet
        do { keys = try KeySet(parsing: body) } catch { throw .unusable(.keys, reason: "\(error)") }
        guard !keys.keys.isEmpty else { throw .noKeys(skipped: keys.skipped.count) }
        return (keys, body)
    }

    /// As old as keys may get before they are read again; after a failure it is read again as well.
    private func discovery() async throws(IssuerError) -> Discovery {
        let at = now()
        let known = state.withLock { state in
            state.fault == nil ? state.discovery.flatMap { at - $0.at < times.refresh ? $0.0 : nil } : nil
        }
        if let known { return known }
        let body = try await asking.body(of: IssuerQuestion(.discovery, Discovery.url(of: issuer)))
        let discovery = try Discovery(body, issuer: issuer)
        state.withLock { $0.discovery = (discovery, at) }
        return discovery
    }
}

extension KeySets.State {
    fileprivate mutating func take(_ keys: KeySet, _ document: [UInt8], at: Instant) {
        let isSame = edition?.document == document
        let number = (edition?.number ?? 0) + (isSame ? 0 : 1)
        let withdrawn = Set((edition?.keys.keys ?? []).compactMap(\.id)).subtracting(keys.keys.compactMap(\.id))
        edition = KeySets.Edition(keys: keys, readAt: at, number: number, document: document)
        fault = nil
        if !isSame { missing = MissingKeys() }
        for id in withdrawn { missing.note(id, at: at) }
    }
}

extension IssuerAsking {
    /// What a question is answered with where all is well.
    func body(of question: IssuerQuestion) async throws(IssuerError) -> [UInt8] {
        let answer = try await ask(question)
        guard answer.status == 200 else { throw .status(question.endpoint, answer.status) }
        return answer.body
    }
}

// MARK: - Readiness

extension KeySets {
    /// How the keys stand, in words for `/readyz`.
    package func standing(at: Instant) -> IssuerStanding {
        let (edition, fault) = state.withLock { ($0.edition, $0.fault) }
        guard let edition else { return fault.map { .without($0) } ?? .unread }
        if edition.isOlder(than: times.keep, at: at) { return .without(fault ?? .noKeys(skipped: 0)) }
        guard let fault else { return .current(edition.readAt) }
        return .failing(fault, readAt: edition.readAt, until: edition.readAt + times.keep)
    }
}

/// How an issuer's keys stand.
package enum IssuerStanding: Sendable, Hashable, CustomStringConvertible {
    /// Nobody has asked yet.
    case unread
    case current(Instant)
    /// The issuer fails; its last keys count until then.
    case failing(IssuerError, readAt: Instant, until: Instant)
    /// No token of this issuer is taken.
    case without(IssuerError)

    package var description: String {
        switch self {
        case .unread: "its keys have not been asked for yet"
        case .current: "ok"
        case .failing(let error, let readAt, let until):
            "\(error); the keys of \(readAt) are used until \(until)"
        case .without(let error): "no token is taken: \(error)"
        }
    }
}
