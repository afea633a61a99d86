// SPDX-License-Identifier: Apache-2.0

extension HTTPClient {
    /// The answer of the first attempt that gives one, or the outcome of the last that may be made.
    func answer(to exchange: Exchange) async throws(HTTPClientError) -> HTTPClientResponse {
        var number = 1
        while true {
            let result = await attempt(exchange)
            guard let pause = pause(after: result, of: exchange, number: number) else { return try result.get() }
            do { try await Task.sleep(for: pause) } catch { throw .cancelled(exchange.origin) }
            number += 1
        }
    }

    /// Nil when it is not to be tried again, or could not be in time.
    private func pause(
        after result: Result<HTTPClientResponse, HTTPClientError>,
        of exchange: Exchange,
        number: Int
    ) -> Duration? {
        guard exchange.isRepeatable, result.mayPass else { return nil }
        let asked = try? result.get().retryAfter
        let pause = limits.retries.pause(after: number, asked: asked, random: .random(in: 0..<1))
        guard let pause, .now + pause < exchange.deadline else { return nil }
        // What was seen of the peer says more than that its breaker is open by now.
        return breakers.isOpen(exchange.origin, at: .now + pause) ? nil : pause
    }
}

extension Result<HTTPClientResponse, HTTPClientError> {
    /// The statuses by which a server, or what stands before it, says that it cannot answer at the moment.
    private static var momentary: Set<Int> { [502, 503, 504] }

    fileprivate var mayPass: Bool {
        switch self {
        case .success(let response): Self.momentary.contains(response.status)
        case .failure(let error): error.mayPass
        }
    }

    var outcome: CircuitBreaker.Outcome {
        switch self {
        case .success(let response): Self.momentary.contains(response.status) ? .failure : .success
        case .failure(let error): error.outcome
        }
    }
}
