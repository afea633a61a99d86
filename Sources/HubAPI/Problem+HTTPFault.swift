// SPDX-License-Identifier: Apache-2.0
package import HTTPServer

extension Problem {
    /// A request that is no proper HTTP, or beyond a limit.
    package init(_ fault: HTTPFault) {
        self.init(
            status: fault.status, code: Self.code(of: fault), detail: fault.description,
            userMessage: Self.hubFaultMessage)
        if case .tooManyConnections = fault { retryAfter = .seconds(5) }
    }

    private static func code(of fault: HTTPFault) -> String {
        switch fault {
        case .malformed: "http-malformed"
        case .timedOut: "http-timed-out"
        case .bodyTooLarge: "body-too-large"
        case .targetTooLong: "target-too-long"
        case .expectationUnknown: "expectation-unknown"
        case .headTooLarge, .trailersTooLarge: "fields-too-large"
        case .codingUnknown: "coding-unknown"
        case .tunnelUnknown: "tunnel-unknown"
        case .tooManyConnections: "too-many-connections"
        case .versionUnknown: "version-unknown"
        }
    }
}
