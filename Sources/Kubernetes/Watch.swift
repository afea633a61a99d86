// SPDX-License-Identifier: Apache-2.0
internal import HTTPClient
package import JSONTree

/// What is watched, and how patiently.
package struct WatchTerms: Hashable, Sendable {
    package let kind: ObjectKind
    /// Nil for all of them.
    package let namespace: String?
    /// A label selector.
    package let labels: String?
    /// A field selector.
    package let fields: String?
    /// Objects come without anything but `metadata`.
    package let metadataOnly: Bool
    /// The longest that nothing may come; the server has a bookmark to send about once a minute.
    package var silence = Duration.seconds(150)
    /// The server is asked to end each connection after one to two times this.
    package var span = Duration.seconds(300)
    /// Doubles with each failure, up to `pauseMost`; its second half is random.
    package var firstPause = Duration.seconds(1)
    package var pauseMost = Duration.seconds(30)

    package init(
        _ kind: ObjectKind, in namespace: String?, labels: String? = nil, fields: String? = nil,
        metadataOnly: Bool = false
    ) {
        self.kind = kind
        self.namespace = namespace
        self.labels = labels
        self.fields = fields
        self.metadataOnly = metadataOnly
    }
}

/// What a watch tells: first all that there is, then what becomes different.
package enum WatchChange: Sendable {
    /// A page of all that there is. After the one that `isLast`, and not before, what is in none of the pages since
    /// the one that `isFirst` is gone. A list may begin anew at any time.
    case page(ObjectPage)
    /// Added or modified, as it is now.
    case set(JSON)
    /// As it was.
    case gone(JSON)
    /// Nothing new; the server has said by this that its watch stands, so that all is as it was told.
    case current
}

extension Cluster {
    /// Tells what there is and what becomes different, one change after another and in their order, until the task is
    /// cancelled. A change that comes while `change` works on another waits at the server.
    ///
    /// Connections that end, break or fall silent are followed by another, from the last version that was told of; what
    /// the server no longer keeps (410), or what can't be read, by a new list.
    ///
    /// - Parameter failed: is told why nothing comes at the moment. It is asked again, later and later.
    package func watch(
        _ terms: WatchTerms, failed: (KubernetesError) -> Void = { _ in }, change: (WatchChange) async -> Void
    ) async {
        var version: String?
        var failures = 0
        while !Task.isCancelled {
            do throws(KubernetesError) {
                if version == nil { version = try await list(terms, change) }
                guard let since = version else { continue }
                let (began, span) = (ContinuousClock.now, terms.askedSpan)
                try await follow(terms, since: since, for: span) { newer, told in
                    version = newer
                    failures = 0
                    await change(told)
                }
                // A kind that nobody has touched since the server's start gets no bookmarks.
                if .now - began >= span { await change(.current) }
                // A server that hangs up at once, and means no harm, is not asked in a circle.
                if .now - began < .seconds(1) { try? await Task.sleep(for: terms.pause(after: 1, asked: nil)) }
            } catch {
                guard !Task.isCancelled else { return }
                if error.asksForList { version = nil }
                // That a version is no longer kept is no trouble, the first time.
                if case .expired = error, failures == 0 {
                    failures = 1
                    continue
                }
                failed(error)
                failures += 1
                try? await Task.sleep(for: terms.pause(after: failures, asked: error.retryAfter))
            }
        }
    }

    /// The version of the whole list.
    private func list(
        _ terms: WatchTerms, _ change: (WatchChange) async -> Void
    ) async throws(KubernetesError) -> String {
        var version = ""
        try await list(
            terms.kind, in: terms.namespace, labels: terms.labels, fields: terms.fields,
            metadataOnly: terms.metadataOnly
        ) { page in
            version = page.resourceVersion
            await change(.page(page))
        }
        return version
    }

    /// One connection, to its end by the server.
    private func follow(
        _ terms: WatchTerms, since version: String, for span: Duration, tell: (String, WatchChange) async -> Void
    ) async throws(KubernetesError) {
        var stream = try await open(terms, since: version, for: span)
        while let (event, newer) = try await stream.next() {
            switch event {
            case .set(let object): await tell(newer, .set(object))
            case .gone(let object): await tell(newer, .gone(object))
            case .bookmark: await tell(newer, .current)
            }
        }
    }
}

extension WatchTerms {
    /// Not all at once: the watches of all replicas began together.
    var askedSpan: Duration {
        let least = Int(span.components.seconds)
        return .seconds(least + Int.random(in: 0...least))
    }

    func pause(after failures: Int, asked: Duration?) -> Duration {
        let whole = min(firstPause * (1 << min(max(0, failures - 1), 20)), pauseMost)
        return max(whole * (0.5 + .random(in: 0..<0.5)), min(asked ?? .zero, pauseMost * 4))
    }
}

extension KubernetesError {
    /// Going on from where we are would give the same again.
    fileprivate var asksForList: Bool {
        switch self {
        case .expired, .unreadable, .invalid: true
        case .noAnswer, .unauthorized, .forbidden, .notFound, .alreadyExists, .conflict, .fieldConflict, .throttled,
            .serverFailed, .tokenUnreadable, .unfit:
            false
        }
    }
}
