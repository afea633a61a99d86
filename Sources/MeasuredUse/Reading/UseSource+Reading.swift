// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import SpawnModel

extension UseSource {
    /// The largest answer that is read.
    static let bodyBytesMost = 16 << 20

    /// What it tells now of these metrics; at least one sample.
    func samples(
        of terms: MeasuredUseTerms, asking: any WebAsking, now: @Sendable () -> Instant
    ) async throws(MeasuredUseError) -> [Sample] {
        let response: HTTPClientResponse
        do throws(HTTPClientError) { response = try await asking.send(request(terms)) } catch {
            throw .unreachable(origin: origin, reason: "\(error)")
        }
        guard response.status == 200 else { throw .status(origin: origin, response.status) }
        let samples = try samples(in: response.body, wanted: terms.metrics, now: now())
        guard !samples.isEmpty else { throw .nothingTold(origin: origin) }
        return samples
    }

    private func samples(
        in body: [UInt8], wanted: [String], now: Instant
    ) throws(MeasuredUseError) -> [Sample] {
        switch kind {
        case .exporter:
            let page = TextExposition(body, wanted: Set(wanted), now: now)
            guard page.unreadableLines == 0 || !page.samples.isEmpty else {
                throw .unreadable(origin: origin, reason: "\(page.unreadableLines) lines are not in the text format")
            }
            return page.samples
        case .prometheus:
            do throws(QueryAnswer.Unreadable) { return try QueryAnswer(body, now: now).samples } catch {
                throw .unreadable(origin: origin, reason: error.reason)
            }
        }
    }

    private func request(_ terms: MeasuredUseTerms) -> HTTPClientRequest {
        var headers = token.map { [("Authorization", "Bearer \($0.text)")] } ?? []
        let address: String
        switch kind {
        case .exporter:
            address = url
            headers.append(("Accept", "text/plain; version=0.0.4"))
        case .prometheus:
            let query = QueryAnswer.query(terms.metrics, over: terms.staleAfter)
            address = "\(url)/api/v1/query?query=\(query.percentEncoded)"
            headers.append(("Accept", "application/json"))
        }
        var request = HTTPClientRequest(.get, address, headers: headers)
        request.timeout = terms.timeout
        request.bodyBytesMax = Self.bodyBytesMost
        return request
    }
}
