// SPDX-License-Identifier: Apache-2.0

/// Who is asked what GPUs are used for, and how often.
package struct MeasuredUseTerms: Sendable, Hashable {
    /// In the order in which they are believed.
    package let sources: [UseSource]
    /// Those that the pools' backends name, in that order.
    package let exporters: [Exporter]
    package let interval: Duration
    /// For one source's whole answer.
    package let timeout: Duration
    /// What is older is not shown.
    package let staleAfter: Duration

    package init(
        sources: [UseSource], exporters: [Exporter], interval: Duration, timeout: Duration, staleAfter: Duration
    ) {
        self.sources = sources
        self.exporters = exporters
        self.interval = interval
        self.timeout = timeout
        self.staleAfter = staleAfter
    }

    /// Each once, in order.
    var metrics: [String] {
        var seen: Set<String> = []
        return exporters.flatMap(\.measures).map(\.metric).filter { seen.insert($0).inserted }
    }
}

/// A server that tells what GPUs are used for.
package struct UseSource: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A Prometheus server, or one with its query API; the URL is what stands before `/api/v1/query`.
        case prometheus
        /// An exporter itself; the URL is that of its metrics.
        case exporter
    }

    package let kind: Kind
    package let url: String
    /// For logs: whom the URL leads to, without path and query.
    package let origin: String
    package let token: SourceToken?

    package init(kind: Kind, url: String, origin: String, token: SourceToken?) {
        self.kind = kind
        self.url = url
        self.origin = origin
        self.token = token
    }
}

/// What a source knows Berth by; never shown.
package struct SourceToken: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { "(a token)" }
    package var debugDescription: String { description }
}

extension SourceToken: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: []) }
}
